"""What has been tracked lately, over a stretch of time that a person chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from posebatch_shared.jobs import Job
from posebatch_shared.store.overview import Overview
from posebatch_shared.store.records import WorkerRow
from posebatch_shared.throughput import Throughput, Work, throughput


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The last `seconds`, in buckets of `bucket_seconds`."""

    name: str
    seconds: int
    bucket_seconds: int


#: The first is the one that rates called "now" come from.
WINDOWS = (
    Window(name="15 min", seconds=900, bucket_seconds=10),
    Window(name="1 h", seconds=3600, bucket_seconds=30),
    Window(name="6 h", seconds=21_600, bucket_seconds=180),
    Window(name="24 h", seconds=86_400, bucket_seconds=600),
)


def read_throughput(
    overview: Overview, running: Sequence[Job], workers: Sequence[WorkerRow], window: Window
) -> Throughput:
    """Rates of what completed in the window and of what runs. Errors: StoreUnavailable."""
    now_seconds = overview.now_seconds()
    work = overview.work(since_seconds=window.seconds, bucket_seconds=window.bucket_seconds)
    under_way = _running_work(running, _trackers(work, workers), now_seconds, window)
    return throughput(
        [*work, *under_way],
        bucket_seconds=window.bucket_seconds,
        buckets=window.seconds // window.bucket_seconds,
        now_seconds=now_seconds,
    )


def _trackers(work: Sequence[Work], workers: Sequence[WorkerRow]) -> Mapping[str, str]:
    """Which tracker a device's jobs go through: as last completed, else as its worker says."""
    said = {str(row.device): str(row.tracker.get("name", "")) for row in workers}
    newest = sorted(work, key=lambda row: row.last_bucket)
    return {**said, **{row.device: row.tracker for row in newest}}


def _running_work(
    running: Sequence[Job], trackers: Mapping[str, str], now_seconds: float, window: Window
) -> list[Work]:
    """What the jobs that run have done so far, as work that ends now."""
    return [
        Work(
            device=device,
            tracker=trackers.get(device) or "starting",
            first_bucket=int(job.started_at.timestamp() // window.bucket_seconds),
            last_bucket=int(now_seconds // window.bucket_seconds),
            videos=0,
            frames=job.frames_done,
        )
        for job in running
        if job.started_at is not None and job.frames_done
        for device in [(job.owner or "").partition("@")[0]]
    ]
