"""What one wake-up brings: the job that it names, and short ones that wait behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledgers import OWNER, add_run, claim, complete, job_of, jobs_of
from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.store import Store
from posebatch_workers.claims import Claims


def claims(store: Store, folder: Path, *, message_seconds: float) -> Claims:
    return Claims(
        store=store,
        owner=OWNER,
        devices=("cpu", "any"),
        lease_seconds=60,
        message_seconds=message_seconds,
        stop_file=folder / "stop",
    )


def test_jobs_behind_it_are_taken_one_at_a_time(store: Store, tmp_path: Path) -> None:
    run = add_run(store, 4)
    ids = [job.job_id for job in jobs_of(store, run)]
    taken: list[int] = []
    for held in claims(store, tmp_path, message_seconds=3600).of_message(ids[1]):
        assert held.owner == job_of(store, held.job.job_id).owner == OWNER
        assert [job.attempt for job in jobs_of(store, run)].count(1) == len(taken) + 1
        complete(store, held)
        taken.append(held.job.job_id)
    assert taken == ids[1:]


def test_once_its_time_is_over_nothing_follows(store: Store, tmp_path: Path) -> None:
    ids = [job.job_id for job in jobs_of(store, add_run(store, 2))]
    held = list(claims(store, tmp_path, message_seconds=0).of_message(ids[0]))
    assert [claim.job.job_id for claim in held] == ids[:1]


def test_nothing_follows_once_the_worker_is_to_stop(store: Store, tmp_path: Path) -> None:
    ids = [job.job_id for job in jobs_of(store, add_run(store, 2))]
    (tmp_path / "stop").touch()
    held = list(claims(store, tmp_path, message_seconds=3600).of_message(ids[0]))
    assert [claim.job.job_id for claim in held] == ids[:1]


def test_a_wake_up_for_a_job_that_another_has_brings_nothing(store: Store, tmp_path: Path) -> None:
    first, _ = jobs_of(store, add_run(store, 2))
    claim(store, first.job_id)
    assert list(claims(store, tmp_path, message_seconds=3600).of_message(first.job_id)) == []


def test_a_ledger_that_is_down_brings_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = jobs_of(store, add_run(store))

    def down() -> None:
        raise StoreUnavailable("down")

    with monkeypatch.context() as patch:
        patch.setattr(store, "unit_of_work", down)
        assert list(claims(store, tmp_path, message_seconds=0).of_message(job.job_id)) == []
    assert job_of(store, job.job_id).attempt == 0
