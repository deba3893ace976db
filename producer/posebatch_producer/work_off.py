"""A run while its workers live: into the ledger, followed to the end, read back."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from rich.console import Console

from posebatch_producer.document import run_document
from posebatch_producer.progress import follow
from posebatch_producer.sampling import sample_headers
from posebatch_producer.service import LocalWorkers, open_ledger
from posebatch_producer.submit import SubmitReport, is_unfinished, submit_archive
from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.file_names import shown
from posebatch_shared.jobs import JobState, Run, TrackOptions, VideoRef
from posebatch_shared.settings import Settings
from posebatch_shared.store import Store

_STOPS = (signal.SIGINT, signal.SIGTERM)


def work_off(
    settings: Settings,
    videos: Iterable[VideoRef],
    options: TrackOptions,
    *,
    name: str,
    force: bool,
    carries_on: bool,
    workers: LocalWorkers,
) -> dict[str, Any]:
    """The run's document once all its jobs have ended; by then the workers are told to stop.

    Nobody rings for the jobs here: the workers' keepers do. Errors: StoreUnavailable,
    NoWorkers.
    """
    console = Console(stderr=True, markup=False)  # file names have brackets
    with open_ledger(settings) as store:
        with _left_in_order(store, name, carries_on):
            report = submit_archive(
                store,
                videos,
                name=name,
                options=options,
                max_attempts=settings.max_attempts,
                force=force,
            )
            _announce(console, report)
            if _go_on(store, report.run):
                sample_headers(store, report.run, settings.mounts)
                follow(store, report.run, check=workers.check, console=console)
        workers.ask_to_stop()
        with store.unit_of_work() as uow:
            return run_document(uow, report.run)


def _go_on(store: Store, run: Run) -> bool:
    """Whether there is anything left to do. What waits for its next attempt is tried at once: its
    error is of another time."""
    with store.unit_of_work() as uow:
        goes_on = is_unfinished(uow, run)
        uow.runs.retry(run.run_id, states=[JobState.RETRYABLE])
        uow.runs.resume(run.run_id)
        uow.commit()
    return goes_on


@contextmanager
def _left_in_order(store: Store, name: str, carries_on: bool) -> Iterator[None]:
    """A run that is interrupted waits for its own command, or is cancelled: the next one shall not
    work it off. One that others were at before goes on without us."""
    with store.unit_of_work() as uow:
        of_others = {r.run_id for r in uow.runs.named(name) if not (r.paused and carries_on)}
    try:
        yield
    except BaseException:
        with _undisturbed(), suppress(StoreUnavailable), store.unit_of_work() as uow:
            leave = uow.runs.pause if carries_on else uow.runs.cancel
            for run in uow.runs.named(name):
                if run.run_id not in of_others and is_unfinished(uow, run):
                    leave(run.run_id)
            uow.commit()
        raise


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Whoever presses Ctrl-C twice is heard again after this."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(console: Console, report: SubmitReport) -> None:
    verb = "carrying on with" if report.resumed else "run"
    console.print(
        f"{verb} {report.run.run_id} · {shown(report.run.name)}: {report.counts}", soft_wrap=True
    )
