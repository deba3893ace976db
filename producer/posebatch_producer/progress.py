"""How a run is getting on: bars on a terminal, plain lines elsewhere, always on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from posebatch_producer.frame_rate import FrameRate
from posebatch_producer.status_view import spell
from posebatch_shared.errors import PermanentError
from posebatch_shared.errors.advice import advice_for, errors_by_code
from posebatch_shared.estimate import TimeLeft
from posebatch_shared.file_names import shown, shown_name
from posebatch_shared.jobs import Job, JobState, Run
from posebatch_shared.snapshot import RunProgress, run_time_left
from posebatch_shared.store import Store

POLL_SECONDS = 0.25
LAST_POLL_SECONDS = 0.05  #: once no job waits any more: the end may come at any time
ESTIMATE_SECONDS = 2.0
PLAIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(RunProgress):
    """A run right now, and what of it is worked on."""

    running: tuple[Job, ...]
    frames_done: int  #: in completed jobs and in those that run
    waits_for: Mapping[str, str]  #: what jobs wait for to pass: code, and what one of them met

    @property
    def is_ending(self) -> bool:
        """Whether all that has not ended is being worked on."""
        return self.ended + len(self.running) == self.total


def follow(store: Store, run: Run, *, check: Callable[[], None], console: Console) -> None:
    """Show progress until every job has ended; `check` may raise if the work cannot go on.

    Errors: what jobs wait for, if that is nothing that passes by itself, such as a missing model.
    """
    show = _bars if console.is_terminal else _lines
    estimate, told = _Estimate(store, run.run_id), set[str]()
    with show(console) as update:
        while True:
            now = _look(store, run, estimate.newest())
            update(now)
            _give_up(now.waits_for)
            for code in now.waits_for.keys() - told:
                said = f"{code}: {advice_for(code)}\n  {shown(now.waits_for[code])}"
                console.print(said, highlight=False, markup=False, soft_wrap=True)
            told |= now.waits_for.keys()
            if now.ended >= now.total:
                return
            check()
            time.sleep(LAST_POLL_SECONDS if now.is_ending else POLL_SECONDS)


def _give_up(waits_for: Mapping[str, str]) -> None:
    for code, message in waits_for.items():
        kind = errors_by_code().get(code)
        if kind and issubclass(kind, PermanentError):
            raise kind(message)


def _look(store: Store, run: Run, left: TimeLeft | None) -> Followed:
    with store.unit_of_work() as uow:
        now = uow.runs.get(run.run_id) or run
        running = tuple(uow.jobs.list(run.run_id, states=[JobState.RUNNING]))
        frames, _ = uow.jobs.throughput(run.run_id)
        counts = uow.jobs.counts(run.run_id)
        again = uow.jobs.list(run.run_id, states=[JobState.RETRYABLE]) if _retryable(counts) else ()
    return Followed(
        run=now,
        counts=counts,
        left=left,
        running=running,
        frames_done=frames + sum(job.frames_done for job in running),
        waits_for={job.error_code: job.error_message or "" for job in again if job.error_code},
    )


class _Estimate:
    """The time left, estimated anew every few seconds, since that reads more than the bars do."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store, self._run_id = store, run_id
        self._left: TimeLeft | None = None
        self._due = time.monotonic()

    def newest(self) -> TimeLeft | None:
        if time.monotonic() >= self._due:
            with self._store.unit_of_work() as uow, self._store.views().overview() as overview:
                counts = uow.jobs.counts(self._run_id)
                self._left = run_time_left(overview, self._run_id, counts)
            self._due = time.monotonic() + ESTIMATE_SECONDS
        return self._left


@contextmanager
def _bars(console: Console) -> Iterator[Callable[[Followed], None]]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bars(progress).update


class _Bars:
    """One bar for the run and one per video that is being tracked."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._overall = progress.add_task("videos", total=None, note="")
        self._jobs: dict[int, TaskID] = {}
        self._rate = FrameRate()

    def update(self, now: Followed) -> None:
        note = f"{self._rate.update(now.frames_done):.0f} frames/s{_again(now)}{_left(now)}"
        self._progress.update(self._overall, total=now.total, completed=now.ended, note=note)
        for job in now.running:
            bar = self._jobs.get(job.job_id)
            if bar is None:
                bar = self._progress.add_task(f"  {_short(job)}", total=None, note="frames")
                self._jobs[job.job_id] = bar
            self._progress.update(bar, total=job.frames_total, completed=job.frames_done)
        for job_id in self._jobs.keys() - {job.job_id for job in now.running}:
            self._progress.remove_task(self._jobs.pop(job_id))


@contextmanager
def _lines(console: Console) -> Iterator[Callable[[Followed], None]]:
    rate, last_ended, last_at = FrameRate(), -1, 0.0

    def update(now: Followed) -> None:
        nonlocal last_ended, last_at
        per_second = rate.update(now.frames_done)
        due = time.monotonic() - last_at > PLAIN_SECONDS
        if due or now.ended == now.total != last_ended:
            videos = f"{now.ended}/{now.total} videos"
            told = f"{videos}, {per_second:.0f} frames/s{_again(now)}{_left(now)}"
            console.print(told, soft_wrap=True)
            last_ended, last_at = now.ended, time.monotonic()

    yield update


def _retryable(counts: Mapping[JobState, int]) -> int:
    return counts.get(JobState.RETRYABLE, 0)


def _again(now: Followed) -> str:
    number = _retryable(now.counts)
    again = f", {number} to be tried again" if number else ""
    return f"{again}, paused" if now.run.paused else again


def _left(now: Followed) -> str:
    if now.left is None or not now.running:  # all has ended, or all waits for what is away
        return ""
    return f", about {spell(now.left.seconds)} left"


def _short(job: Job) -> str:
    name = shown_name(job.video.path)
    return name if len(name) <= 32 else f"{name[:14]}…{name[-17:]}"
