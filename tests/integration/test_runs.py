"""`runs` lists every run of the ledger, for people and for programs."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ledgers import add_run, fail, jobs_of, must_claim
from posebatch_producer import runs
from posebatch_producer.runs import list_runs
from posebatch_producer.tables import runs_table
from posebatch_shared.errors import NotAVideo
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.store import Store, open_store


@pytest.fixture
def ledger(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Where the command finds it."""
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path))
    return open_store(store_url)


def test_every_run_is_listed_whatever_its_age(
    ledger: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list_runs() == []
    monkeypatch.setattr(runs, "PAGE", 3)
    made = [add_run(ledger, 2, name=f"camp {number}") for number in range(7)]
    with ledger.unit_of_work() as uow:
        uow.runs.cancel(made[0].run_id)
        uow.commit()
    fail(ledger, must_claim(ledger, jobs_of(ledger, made[1])[0].job_id), NotAVideo("a text"))
    listed = list_runs()
    assert [run["name"] for run in listed] == [run.name for run in reversed(made)]
    oldest, second = listed[-1], listed[-2]
    assert (oldest["state"], oldest["cancelled"], oldest["total"]) == ("cancelled", 2, 2)
    assert (second["state"], second["discarded"], second["total"]) == ("running", 1, 2)
    assert oldest["created_at"] == made[0].created_at.isoformat()


@pytest.fixture
def in_vienna() -> Iterator[None]:
    """An hour ahead in winter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Vienna")
        time.tzset()
        yield
    time.tzset()


def _printed(*listed: dict[str, Any]) -> list[str]:
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(runs_table(listed))
    return console.export_text().splitlines()


def test_people_see_all_of_it_on_80_columns(in_vienna: None) -> None:
    options = TrackOptions(tracker="rtmpose-cuda", quality="accurate", athlete_height_m=1.8)
    plain = {
        "run_id": 123456,
        "name": "autumn [camp] of the junior squad",
        "created_at": "2026-11-27T23:30:00+00:00",
        "state": "completed",
        "completed": 123456,
        "discarded": 17,
        "total": 123473,
    }
    lines = _printed({**plain, "options": options.to_json()})
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    for word in ("123456", "[camp]", "2026-11-28 00:30", "completed", "17", "123473"):
        assert word in text
    for word in ("tracker", "rtmpose-cuda,", "accurate,", "height", "1.8"):
        assert word in text
    assert "kind" not in text
    usual = _printed({**plain, "options": TrackOptions().to_json()})
    assert "tracker" not in " ".join(usual)
