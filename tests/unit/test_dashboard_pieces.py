"""The dashboard's small parts: sessions, words, tables, stage bars, and the watcher's patience."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from markupsafe import Markup
from structlog.testing import capture_logs

from archives import finding
from posebatch_ops import patience
from posebatch_ops.dashboard import metrics, stages
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.charts import smoothed
from posebatch_ops.dashboard.event_table import event_table
from posebatch_ops.dashboard.markup import Column, address, table
from posebatch_ops.dashboard.sessions import COOKIE, MAX_WRONG_PER_MINUTE, Sessions
from posebatch_ops.dashboard.watcher import Watcher
from posebatch_shared.errors import NoPerson, StoreUnavailable
from posebatch_shared.errors.advice import advice_for
from posebatch_shared.results import INSTANTS, StageTiming
from posebatch_shared.store.reasons import developer_detail
from posebatch_shared.store.records import EventRow


def test_a_session_opens_with_the_token_and_ends_with_the_lock() -> None:
    sessions = Sessions("secret")
    key = sessions.unlock("secret", " Ana ")
    assert key is not None
    cookies = {COOKIE: key}
    assert sessions.actor(cookies) == "dashboard: Ana"
    sessions.lock(cookies)
    assert sessions.actor(cookies) is None


def test_the_log_says_why_and_not_where_in_the_code() -> None:
    with pytest.raises(NoPerson) as raised:
        raise NoPerson("nobody: not one")
    failed = EventRow(
        event_id=1,
        at=datetime.now(UTC),
        kind="failed",
        actor="cpu@vm:1",
        run_id=1,
        job_id=2,
        detail={"attempt": 1, "code": "no_person", "detail": developer_detail(raised.value)},
    )
    html = event_table([failed], empty="")
    assert "attempt: 1, code: no_person, why: nobody: not one<" in html
    assert "Traceback" not in html


def test_no_token_set_lets_nobody_act() -> None:
    assert Sessions("").unlock("", "Ana") is None


def test_too_many_wrong_tokens_refuse_even_the_right_one() -> None:
    sessions = Sessions("secret")
    for _ in range(MAX_WRONG_PER_MINUTE):
        assert sessions.unlock("guess", "Eve") is None
    assert sessions.too_many_wrong
    assert sessions.unlock("secret", "Ana") is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0.44, "0.4 s"),
        (59.2, "59 s"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (3599.9, "1 h"),
        (12_000, "3 h 20 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_read_well(seconds: float | None, words: str) -> None:
    assert w.duration(seconds) == words


def test_a_table_escapes_cells_but_not_markup() -> None:
    html = table(
        "T", [Column("A"), Column("B", numeric=True)], [["<x>", Markup("<b>1</b>")]], empty=""
    )
    assert "&lt;x&gt;" in html
    assert '<td class="numeric"><b>1</b></td>' in html


def test_an_address_leaves_out_what_is_empty() -> None:
    assert address("/runs/1", state="", q="a b", after=None) == "/runs/1?q=a+b"


def test_stages_lie_side_by_side_within_the_job() -> None:
    timings = [
        StageTiming(stage="job", parent=None, seconds=4.0, calls=1),
        StageTiming(stage="track", parent="job", seconds=3.0, calls=1),
        StageTiming(stage="infer", parent="track", seconds=2.0, calls=90),
        StageTiming(stage="rest", parent="job", seconds=1.0, calls=1),
        StageTiming(stage="decoder", parent=None, seconds=9.0, calls=90),
    ]
    html = stages.tree(timings, frames=90)
    for bar in ("left:0.0%;width:75.0%", "left:0.0%;width:50.0%", "left:75.0%;width:25.0%"):
        assert bar in html
    assert html.index("decoder") > html.index("rest")
    assert html.count("beside the job") == 1


def test_metrics_show_units_and_leave_out_what_no_jump_has() -> None:
    jumps: list[dict[str, Any]] = [
        {
            "rep": 1,
            "jump_height_m": 0.314,
            "jump_height_interval_m": [0.3, 0.33],
            "rsi_modified": None,
        },
        {"rep": 2, "jump_height_m": None, "rsi_modified": None},
    ]
    html = metrics.jump_table(jumps, None)
    assert "31.4" in html
    assert "30.0 – 33.0" in html
    assert "RSI" not in html


def test_the_unit_of_each_reactive_strength_index_is_shown() -> None:
    jumps = [{"rsi_flight_over_contact": 2.5, "rsi_height_over_contact": 1.4, "rsi_modified": 0.4}]

    assert metrics.jump_table(jumps, None).count("m/s") == 2


def test_phases_of_slow_motion_last_as_long_as_in_life() -> None:
    phase = {"name": "flight", "start_seconds": 8.0, "end_seconds": 12.0, "rep": 1}
    found = replace(finding(1), analysis={"slow_motion": 8.0, "jumps": [], "phases": [phase]})
    html = metrics.event_table(found.analysis)
    assert "8.000 s" in html
    assert "500 ms" in html
    assert dict(metrics.about(found))["Slow motion"] == "plays 8 times slower than life"
    assert "Slow motion" not in dict(metrics.about(finding(1)))


def test_instants_are_events_and_not_among_the_metrics() -> None:
    jump = {"jump_height_m": 0.3, **{name: float(at) for at, name in enumerate(INSTANTS)}}
    events, table = metrics.event_table({"jumps": [jump]}), metrics.jump_table([jump], None)
    for name in INSTANTS:
        words = name.removesuffix("_seconds")
        assert f"<b>{words}</b>" in events
        assert words not in table


def test_no_jump_says_why() -> None:
    assert "nobody moved" in metrics.jump_table([], "nobody moved")


def test_every_error_has_advice() -> None:
    assert advice_for(NoPerson.code) == NoPerson.advice
    assert advice_for("of_another_version") == ""


def test_a_trailing_mean_is_as_long_as_its_series() -> None:
    assert smoothed([2, 4, 6, 8], 2) == [2, 3, 5, 7]


def test_the_watcher_survives_a_ledger_that_is_down() -> None:
    looks: list[int] = []

    def look() -> Any:
        looks.append(1)
        if len(looks) <= 3:
            raise StoreUnavailable("down")
        watcher.stop()
        return "seen"

    watcher = Watcher(look, interval_seconds=0.01)
    with capture_logs() as said:
        asyncio.run(watcher.run())
    assert (watcher.latest, watcher.error) == ("seen", None)
    # Not a line a second, all night long.
    assert [line["event"] for line in said] == ["ledger_lost", "ledger_back"]


def test_the_watcher_tells_of_a_ledger_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.1)
    answers = threading.Event()
    watcher = Watcher(lambda: answers.wait(20), interval_seconds=0.01)  # type: ignore[arg-type, return-value]

    async def watch() -> str | None:
        watching = asyncio.create_task(watcher.run())
        await asyncio.sleep(0.3)
        error = watcher.error
        monkeypatch.undo()
        answers.set()
        watcher.stop()
        await watching
        return error

    assert asyncio.run(watch()) == "it was asked more than a minute ago"
    assert (watcher.latest, watcher.error) == (True, None)


@pytest.mark.parametrize(
    ("took", "at_least", "pause"), [(0.1, 5, 5), (2, 5, 18), (154, 5, 60), (154, 300, 300)]
)
def test_one_slow_look_blinds_nobody_for_long(took: float, at_least: float, pause: float) -> None:
    assert patience.pause_seconds(took, at_least=at_least, share=0.1) == pytest.approx(pause)
