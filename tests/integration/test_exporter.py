"""Do the exporter's numbers equal the ledger's, on both databases, whatever happens in between?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

import ledgers
from exporters import Exporter, exporting
from posebatch_ops.exporter_gauges import RUNS_SHOWN
from posebatch_shared.errors import DecoderCrashed, NotAVideo, PosebatchError, StaleClaim
from posebatch_shared.jobs import Claim, Device
from posebatch_shared.results import StageTiming
from posebatch_shared.store import Store, open_store
from posebatch_shared.store.database import create_engine
from posebatch_shared.store.tables import jobs

HERE = {"device": "cpu", "tracker": "mediapipe"}


@pytest.fixture
def exporter(store_url: str) -> Iterator[Exporter]:
    with exporting(store_url) as opened:
        yield opened


def let_all_wait(store_url: str, *, hours: int) -> None:
    engine = create_engine(store_url)
    with engine.begin() as connection:
        earlier_ms = jobs.c.available_at_ms - hours * 3_600_000
        connection.execute(update(jobs).values(available_at_ms=earlier_ms))
    engine.dispose()


def fail(store: Store, held: Claim, error: PosebatchError) -> None:
    with store.unit_of_work() as uow:
        uow.jobs.fail(held, error, timings=())
        uow.commit()


def report(store: Store, device: Device, pid: int, **told: Any) -> None:
    with store.unit_of_work() as uow:
        name = f"{device}@box:{pid}"
        uow.workers.report(name=name, device=device, host="box", pid=pid, **told)
        uow.commit()


def test_jobs_are_counted_by_run_state_and_queue(store: Store, exporter: Exporter) -> None:
    run = ledgers.add_run(store, 3)
    ledgers.must_claim(store, ledgers.jobs_of(store, run)[0].job_id)
    labels = {"run": str(run.run_id), "device": "any"}
    assert exporter.value("jobs", state="available", **labels) == 2
    assert exporter.value("jobs", state="running", **labels) == 1
    assert exporter.value("jobs", state="completed", **labels) == 0


def test_old_runs_share_one_series(store: Store, exporter: Exporter) -> None:
    for number in range(RUNS_SHOWN + 3):
        ledgers.add_run(store, 1, name=f"run {number}")
    scraped = exporter.scrape()
    runs = {dict(labels)["run"] for name, labels in scraped if name == "posebatch_jobs"}
    assert len(runs) == RUNS_SHOWN + 1
    assert exporter.value("jobs", run="older", state="available", device="any") == 3


def test_each_job_that_completes_is_counted_once_from_the_start_on(
    store: Store, store_url: str
) -> None:
    first, second, third = ledgers.jobs_of(store, ledgers.add_run(store, 3))
    ledgers.complete(store, ledgers.must_claim(store, first.job_id))
    with exporting(store_url) as exporter:
        assert exporter.value("frames_tracked_total", **HERE) is None
        assert exporter.value("cache_hits_total") == 0
        ledgers.complete(store, ledgers.must_claim(store, second.job_id))
        assert exporter.value("frames_tracked_total", **HERE) == 90
        same = ledgers.result(f"c{first.job_id}", cache_hit=True)
        ledgers.complete(store, ledgers.must_claim(store, third.job_id), same)
        assert exporter.value("videos_completed_total", **HERE) == 2
        assert exporter.value("videos_completed_total", **HERE) == 2
        assert exporter.value("frames_tracked_total", **HERE) == 90
        assert exporter.value("cache_hits_total") == 1


def test_an_exporter_that_starts_anew_has_only_gauges_to_tell_of_what_was(
    store: Store, store_url: str
) -> None:
    job = ledgers.jobs_of(store, ledgers.add_run(store, 1))[0]
    ledgers.complete(store, ledgers.must_claim(store, job.job_id))
    report(store, "cpu", 1, tracker={"name": "mediapipe"}, stats={})
    with exporting(store_url) as exporter:
        assert exporter.value("videos_completed_total", **HERE) == 0
        assert exporter.value("videos_completed_total", tracker="mediapipe", device="") == 0
        assert exporter.value("frames_tracked_total", **HERE) == 0
        assert exporter.value("jobs", run="1", state="completed", device="any") == 1


def test_files_that_were_known_when_submitted_are_counted(store: Store, exporter: Exporter) -> None:
    (first,) = ledgers.jobs_of(store, ledgers.add_run(store, 1))
    ledgers.complete(store, ledgers.must_claim(store, first.job_id))
    again = ledgers.add_run(store, 1)
    with store.unit_of_work() as uow:
        assert uow.jobs.reuse_completed(again) == 1
        uow.commit()
    assert exporter.value("cache_hits_total") == 1
    assert exporter.value("videos_completed_total", tracker="mediapipe", device="") == 1
    assert exporter.value("videos_completed_total", **HERE) == 1


def test_stage_histograms_hold_jobs_finished_since_the_start(store: Store, store_url: str) -> None:
    before, after = ledgers.jobs_of(store, ledgers.add_run(store, 2))
    ledgers.complete(store, ledgers.must_claim(store, before.job_id))
    with exporting(store_url) as exporter:
        waited = StageTiming(stage="queue_wait", parent=None, seconds=40.0, calls=1)
        outcome = ledgers.result("other", timings=(*ledgers.TIMINGS, waited))
        ledgers.complete(store, ledgers.must_claim(store, after.job_id), outcome)
        infer = {"stage": "infer", "device": "cpu", "host": "here"}
        assert exporter.value("stage_seconds_count", **infer) == 1
        assert exporter.value("stage_seconds_sum", **infer) == 1.5
        assert exporter.value("stage_seconds_bucket", le="1.0", **infer) == 0
        assert exporter.value("stage_seconds_bucket", le="2.5", **infer) == 1
        assert exporter.value("queue_wait_seconds_bucket", le="60.0", device="cpu") == 1
        assert exporter.value("queue_wait_seconds_bucket", le="30.0", device="cpu") == 0


def test_failures_are_counted_by_code(store: Store, exporter: Exporter) -> None:
    first, second = ledgers.jobs_of(store, ledgers.add_run(store, 2))
    fail(store, ledgers.must_claim(store, first.job_id), NotAVideo("text"))
    fail(store, ledgers.must_claim(store, second.job_id), DecoderCrashed("signal 11"))
    assert exporter.value("videos_discarded_total", code="not_a_video") == 1
    assert exporter.value("videos_discarded_total", code="decoder_crashed") == 0
    assert exporter.value("discarded_jobs", code="not_a_video") == 1
    assert exporter.value("discarded_jobs", code="decoder_crashed") is None
    assert exporter.value("attempts_failed_total", code="not_a_video") == 1
    assert exporter.value("attempts_failed_total", code="decoder_crashed") == 1


def test_rescues_expired_leases_and_stale_writes_are_counted(
    store: Store, exporter: Exporter
) -> None:
    silent, dead = ledgers.jobs_of(store, ledgers.add_run(store, 2))
    late = ledgers.must_claim(store, silent.job_id, lease_seconds=-1)
    ledgers.must_claim(store, dead.job_id, owner=ledgers.OTHER)
    ledgers.rescue(store, dead_owners=[ledgers.OTHER])
    with pytest.raises(StaleClaim):
        ledgers.complete(store, late)
    assert exporter.value("jobs_rescued_total") == 2
    assert exporter.value("leases_expired_total") == 1
    assert exporter.value("stale_writes_refused_total") == 1


def test_the_oldest_job_alarms_unless_its_run_is_paused(store: Store, store_url: str) -> None:
    run = ledgers.add_run(store, 2, device="cpu")
    let_all_wait(store_url, hours=2)
    with exporting(store_url) as exporter:
        waited = exporter.value("oldest_job_seconds", device="cpu")
        assert waited == pytest.approx(7200, abs=60)
        assert exporter.value("oldest_job_seconds", device="gpu") == 0
        with store.unit_of_work() as uow:
            uow.runs.pause(run.run_id)
            uow.commit()
        assert exporter.value("oldest_job_seconds", device="cpu") == 0


def test_workers_report_what_they_run_and_use(store: Store, exporter: Exporter) -> None:
    cuda = {"name": "rtmpose-cuda", "provider": "CUDAExecutionProvider"}
    for pid in (1, 2):
        stats = {"memory_bytes": 100 * pid, "gpu_utilization": 0.5 + pid / 10}
        report(store, "gpu", pid, tracker=cuda, stats=stats)
    box = {"device": "gpu", "host": "box"}
    assert exporter.value("workers", device="gpu") == 2
    assert exporter.value("workers", device="cpu") == 0
    assert exporter.value("worker_memory_bytes", **box) == 300
    assert exporter.value("gpu_use_ratio", **box) == 0.7
    tracker = {"tracker": cuda["name"], "provider": cuda["provider"]}
    assert exporter.value("worker_trackers", **box, **tracker) == 2


def test_a_ledger_that_is_down_is_a_measurement_until_it_is_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/later/ledger.sqlite"
    with exporting(url) as exporter:
        assert exporter.value("store_up") == 0
        assert exporter.value("workers", device="cpu") is None
        store = open_store(url)
        store.migrate()
        ledgers.add_run(store, 1)
        assert exporter.value("store_up") == 1
        assert exporter.value("jobs", run="1", state="available", device="any") == 1
        store.close()


def test_what_is_away_is_logged_when_it_goes_and_when_it_is_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/later/ledger.sqlite"
    with capture_logs() as said, exporting(url, broker_url="redis://127.0.0.1:1/0") as exporter:
        exporter.scrape()
        (tmp_path / "later").mkdir()
        store = open_store(url)
        store.migrate()
        exporter.scrape()
        exporter.scrape()
        store.close()
    assert [line["event"] for line in said] == ["ledger_lost", "broker_lost", "ledger_back"]


def test_a_broker_that_is_down_is_a_measurement(sqlite_url: str) -> None:
    with exporting(sqlite_url, broker_url="redis://127.0.0.1:1/0") as exporter:
        assert exporter.value("broker_up") == 0
        assert exporter.value("store_up") == 1
