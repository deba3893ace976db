"""How runs, queues and workers are getting on, once or live."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from posebatch_producer.reading import find_run
from posebatch_producer.runs import run_entry
from posebatch_producer.service import open_ledger, require_answer
from posebatch_producer.status_view import status_view
from posebatch_shared.errors import BrokerUnavailable
from posebatch_shared.jobs import Job, JobState, Run
from posebatch_shared.settings import load_settings
from posebatch_shared.snapshot import RunProgress, Snapshot, read_snapshot
from posebatch_shared.store import Store
from posebatch_shared.store.overview import Overview
from posebatch_shared.store.records import WorkerRow

#: Between two looks of `--watch`, at least; and no more than this share of the time is spent on it.
REFRESH_SECONDS = 1.0
LOOKING_SHARE = 0.25
#: Newest ended runs that are listed beside the active ones.
ENDED_RUNS = 5


def read_status(run: str | None) -> dict[str, Any]:
    """One look: runs, queues, workers, rates, stages, failures, as plain values.

    `run` (id or name) narrows runs, stages and failures to it. Errors: UsageError if there is none.
    """
    with open_ledger(load_settings()) as store:
        return _status(store, run)


def watch_status(run: str | None) -> None:
    """Show the status on stderr, refreshed until Ctrl-C. Errors: UsageError, StoreUnavailable."""
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True)
    with open_ledger(load_settings()) as store, Live(console=console) as shown:
        while True:
            started = time.monotonic()
            shown.update(status_view(_status(store, run)))
            took = time.monotonic() - started
            time.sleep(max(REFRESH_SECONDS, took / LOOKING_SHARE - took))


def _status(store: Store, key: str | None) -> dict[str, Any]:
    with store.unit_of_work() as uow:
        chosen = None if key is None else find_run(uow, key)
    now = read_snapshot(store)
    run_id = chosen.run_id if chosen else None
    broker_error = _broker_error(load_settings().broker_url)  # may take its time: no transaction
    with store.views().overview() as overview:
        return {
            "broker_error": broker_error,
            "runs": [_run(progress) for progress in _shown(now, chosen)],
            "queues": [
                {
                    "device": queue.device,
                    "waiting": queue.waiting,
                    "oldest_seconds": round(queue.oldest_seconds, 1),
                }
                for queue in now.queues
            ],
            "unserved": dict(now.unserved),
            "workers": [_worker(worker, now) for worker in now.workers],
            "now": {
                "frames_per_second": round(now.throughput.frames_per_second_now, 1),
                "videos_per_hour": round(now.throughput.videos_per_hour_now, 1),
            },
            "over_the_run": _over_the_run(store, _focus(now, chosen)),
            "stages": _stages(overview, run_id),
            "failures": dict(overview.failures(run_id)),
        }


def _broker_error(broker_url: str) -> str | None:
    """Why no job starts although workers are there; a private broker is none of `status`."""
    try:
        if broker_url:
            require_answer(broker_url)
    except BrokerUnavailable as error:
        return str(error)
    return None


def _shown(now: Snapshot, chosen: Run | None) -> list[RunProgress]:
    if chosen is not None:
        known = [each for each in now.runs if each.run.run_id == chosen.run_id]
        counts = now.counts_by_run.get(chosen.run_id, {})
        return known or [RunProgress(run=chosen, counts=counts, left=None)]  # ended long ago
    active = [each for each in now.runs if each.state in ("running", "paused")]
    ended = [each for each in now.runs if each.state in ("completed", "cancelled")]
    return active + ended[: max(0, ENDED_RUNS - len(active))]


def _focus(now: Snapshot, chosen: Run | None) -> Run | None:
    """The run that rates are told of: the one asked for, the newest active, the newest."""
    if chosen is not None:
        return chosen
    active = [each.run for each in now.runs if each.state == "running"]
    return next(iter(active + [each.run for each in now.runs]), None)


def _run(progress: RunProgress) -> dict[str, Any]:
    left = progress.left if progress.state == "running" else None
    return {
        **run_entry(progress),
        "to_be_tried_again": dict(progress.troubles),
        "met": dict(progress.met),
        "seconds_left": round(left.seconds, 1) if left else None,
        "seconds_left_interval": [round(left.low_seconds, 1), round(left.high_seconds, 1)]
        if left
        else None,
    }


def _worker(worker: WorkerRow, now: Snapshot) -> dict[str, Any]:
    return {
        "name": worker.name,
        "device": worker.device,
        "runs_on": worker.tracker.get("device"),
        "provider": worker.tracker.get("provider"),
        "tracker": worker.tracker.get("name"),
        "tracker_error": worker.tracker.get("error"),
        "seen_seconds_ago": round(max(0.0, now.now_seconds - worker.seen_at.timestamp()), 1),
        "clips": [_clip(job, now) for job in now.jobs_of(worker)],
    }


def _clip(job: Job, now: Snapshot) -> dict[str, Any]:
    elapsed = now.now_seconds - job.started_at.timestamp() if job.started_at else 0.0
    return {
        "job_id": job.job_id,
        "video": job.video.path,
        "frames_done": job.frames_done,
        "frames_total": job.frames_total,
        "frames_per_second": round(job.frames_done / elapsed, 1) if elapsed > 0 else 0.0,
    }


def _over_the_run(store: Store, run: Run | None) -> Mapping[str, Any] | None:
    if run is None:
        return None
    with store.unit_of_work() as uow:
        frames, seconds = uow.jobs.throughput(run.run_id)
        completed = uow.jobs.counts(run.run_id).get(JobState.COMPLETED, 0)
    return {
        "run_id": run.run_id,
        "seconds": round(seconds, 1),
        "frames_per_second": round(frames / seconds, 1) if seconds else 0.0,
        "videos_per_hour": round(3600 * completed / seconds, 1) if seconds else 0.0,
    }


def _stages(overview: Overview, run_id: int | None) -> list[dict[str, Any]]:
    """Share of each stage in the time of the newest completed jobs."""
    timings = overview.stages(run_id)
    whole = sum(timing.seconds for timing in timings if timing.stage == "job")
    return [
        {
            "stage": timing.stage,
            "parent": timing.parent,
            "seconds": round(timing.seconds, 3),
            "share": round(timing.seconds / whole, 4) if whole else None,
        }
        for timing in timings
    ]
