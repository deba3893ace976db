"""`status` says what the ledger holds, as values and as a picture for people."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from archives import WORKERS, add_archive, begin, report_workers, work_through
from ledgers import add_run, must_claim
from posebatch_producer.status import read_status
from posebatch_producer.status_view import status_view
from posebatch_shared.errors import ModelMissing, UsageError
from posebatch_shared.jobs import JobState, Preset, TrackOptions
from posebatch_shared.store import Store, open_store
from posebatch_workers.owner import Owner
from posebatch_workers.presence import present
from posebatch_workers.tracker_slot import TrackerSlot
from posebatch_workers.trackers.base import Tracker


@pytest.fixture
def ledger(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A night half over, where the command finds it."""
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path))
    opened = open_store(store_url)
    add_archive(opened, 30)
    work_through(opened, 20)
    begin(opened, owner=WORKERS[0], frames_done=90)
    report_workers(opened)
    return opened


def test_values_equal_the_ledger(ledger: Store) -> None:
    status = read_status(None)
    (run,) = status["runs"]
    assert (run["total"], run["ended"], run["running"], run["available"]) == (30, 20, 1, 9)
    assert run["discarded"] == sum(status["failures"].values()) == 2
    low, high = run["seconds_left_interval"]
    assert low <= run["seconds_left"] <= high
    assert status["queues"][0]["waiting"] == 9
    assert status["now"]["frames_per_second"] >= 0
    assert status["over_the_run"]["frames_per_second"] > 0
    worker = next(each for each in status["workers"] if each["name"] == WORKERS[0])
    assert worker["tracker"] == "mediapipe"
    assert (worker["clips"][0]["frames_done"], worker["clips"][0]["frames_total"]) == (90, 360)
    shares = {stage["stage"]: stage["share"] for stage in status["stages"]}
    assert shares["job"] == 1
    assert 0.4 < shares["infer"] < 0.8


def test_a_run_is_asked_for_by_name(ledger: Store) -> None:
    add_archive(ledger, 2, name="other", seed=5)
    status = read_status("other")
    assert [run["name"] for run in status["runs"]] == ["other"]
    assert status["failures"] == {}
    with pytest.raises(UsageError):
        read_status("never made")


def test_no_time_is_told_while_no_job_runs(ledger: Store) -> None:
    add_archive(ledger, 12, name="waits", seed=5, priority=5)
    work_through(ledger, 8)
    (run,) = read_status("waits")["runs"]
    assert (run["state"], run["ended"], run["seconds_left"]) == ("running", 8, None)


def test_people_see_runs_workers_stages_and_reasons(ledger: Store) -> None:
    console = Console(width=140, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(status_view(read_status(None)))
    text = console.export_text()
    shown = ("autumn camp", "20/30", "25 %", "infer", "any", WORKERS[2], "frames/s")
    for words in (*shown, "last minute: ", "last 15 min of work: "):
        assert words in text


def test_a_broker_that_is_down_is_told(ledger: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_status(None)["broker_error"] is None
    monkeypatch.setenv("POSEBATCH_BROKER_URL", "redis://127.0.0.1:1/0")
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(status_view(read_status(None)))
    assert "no job starts: the broker does not answer" in console.export_text()


def test_what_jobs_wait_for_is_told_with_what_to_do(ledger: Store) -> None:
    with ledger.unit_of_work() as uow:
        waiting = [job for job in uow.jobs.list() if job.state is JobState.AVAILABLE]
    claim = must_claim(ledger, waiting[0].job_id)
    with ledger.unit_of_work() as uow:
        uow.jobs.fail(claim, ModelMissing("net.onnx"), timings=(), costs_attempt=False)
        uow.commit()
    for asked in (None, "autumn camp"):
        status = read_status(asked)
        assert [run["to_be_tried_again"] for run in status["runs"]] == [{"model_missing": 1}]
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(status_view(status))
    said = f"1 job waits to be tried again, model_missing: {ModelMissing.advice}"
    text = console.export_text()
    assert said in text
    assert "  net.onnx" in text  # the file that the advice calls the named one


def test_a_worker_that_lacks_its_model_says_so(ledger: Store) -> None:
    def create(name: str, quality: Preset) -> Tracker:
        raise ModelMissing("net.onnx")

    slot, me = TrackerSlot(create, default_name="rtmo"), Owner.current("cpu")
    with pytest.raises(ModelMissing):
        slot.get(TrackOptions())
    with present(ledger, me, slot):
        while not (mine := [w for w in read_status(None)["workers"] if w["name"] == str(me)]):
            pass
        console = Console(width=140, record=True, file=io.StringIO())
        console.print(status_view(read_status(None)))
    assert (mine[0]["tracker"], mine[0]["tracker_error"]) == (None, "model_missing")
    assert "model_missing" in console.export_text()


def test_what_waits_without_workers_is_told_what_it_needs(ledger: Store) -> None:
    with ledger.unit_of_work() as uow:
        for worker in uow.workers.list():
            uow.workers.forget(worker.name)
        uow.commit()
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(status_view(read_status(None)))
    assert "start `posebatch worker`" in console.export_text()


def test_what_waits_for_a_device_that_no_worker_has_is_told(ledger: Store) -> None:
    assert read_status(None)["unserved"] == {}
    with ledger.unit_of_work() as uow:
        for worker in uow.workers.list():
            if worker.device == "gpu":
                uow.workers.forget(worker.name)
        uow.commit()
    add_run(ledger, 3, name="fast", device="gpu")
    status = read_status(None)
    assert status["unserved"] == {"gpu": 3}
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(status_view(status))
    said = "no gpu worker is there, and 3 jobs wait for one: start `posebatch worker --device gpu`"
    assert said in console.export_text()


def test_an_empty_ledger_has_a_status(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSEBATCH_STORE_URL", sqlite_url)
    status = read_status(None)
    assert status["runs"] == []
    assert status["over_the_run"] is None
    Console(quiet=True).print(status_view(status))
