"""Who works: the device that really runs, heartbeat, clip in progress, frames/s, memory, GPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import tables, troubles
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import frame, live
from posebatch_ops.dashboard.markup import Column
from posebatch_shared.jobs import Job
from posebatch_shared.snapshot import Snapshot
from posebatch_shared.store.records import WorkerRow

LATE_SECONDS = 15.0
_COLUMNS = (
    Column("Worker", tight=True),
    Column("Runs on"),
    Column("Tracker"),
    Column("Heartbeat", tight=True),
    Column("Clip"),
    Column("Frames/s", numeric=True),
    Column("Memory", numeric=True),
    Column("GPU", numeric=True),
)


def register(board: Board) -> None:
    """Serve it at /workers."""

    @ui.page("/workers")
    def workers() -> None:
        with frame(board, "Workers", section="/workers"):
            live(lambda: _shown(board.watcher.latest) if board.watcher.latest else "")


def _shown(now: Snapshot) -> Markup:
    return troubles.of_all(now) + _table(now)


def _table(now: Snapshot) -> Markup:
    rows = [_cells(worker, now.jobs_of(worker), now) for worker in now.workers]
    empty = "No worker has reported lately. `posebatch worker` starts one."
    return m.table("Workers", _COLUMNS, rows, empty=empty)


def _cells(worker: WorkerRow, jobs: Sequence[Job], now: Snapshot) -> list[Any]:
    tracker, stats = worker.tracker, worker.stats
    late = (now.now - worker.seen_at).total_seconds() > LATE_SECONDS
    up = Markup('<span class="folder">up for {}</span>').format(
        w.duration((now.now - worker.started_at).total_seconds())
    )
    return [
        Markup("{}{}").format(tables.short_owner(worker.name), up),
        _two(tracker.get("device", "not yet known"), tracker.get("provider", "")),
        _two(tracker.get("name", "not loaded"), tracker.get("model") or tracker.get("error", "")),
        Markup('<span class="{}">{}</span>').format(
            "late" if late else "", w.ago(worker.seen_at, now.now)
        ),
        Markup("<br>").join(tables.clip_link(job) for job in jobs) or "idle",
        w.number(sum(_rate(job, now) for job in jobs)) if jobs else "",
        _memory(stats),
        _gpu(stats),
    ]


def _two(first: str, second: str) -> Markup:
    return Markup('{}<span class="folder">{}</span>').format(first, second)


def _rate(job: Job, now: Snapshot) -> float:
    elapsed = (now.now - job.started_at).total_seconds() if job.started_at else 0.0
    return job.frames_done / elapsed if elapsed > 0 else 0.0


def _memory(stats: Mapping[str, Any]) -> Markup:
    peak = stats.get("peak_memory_bytes")
    return _two(w.size(stats.get("memory_bytes")), f"peak {w.size(peak)}" if peak else "")


def _gpu(stats: Mapping[str, Any]) -> Markup:
    if "gpu_utilization" not in stats:
        return m.text("–")
    return _two(w.percent(stats["gpu_utilization"]), w.size(stats.get("gpu_memory_bytes")))
