"""A run while its workers live: into the ledger, followed to the end, read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from rich.console import Console

from posebatch_producer.document import run_document
from posebatch_producer.progress import follow, snapshot
from posebatch_producer.sampling import sample_headers
from posebatch_producer.service import LocalWorkers, open_ledger
from posebatch_producer.submit import SubmitReport, submit_archive
from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.file_names import shown
from posebatch_shared.jobs import Run, TrackOptions, VideoRef
from posebatch_shared.settings import Settings
from posebatch_shared.store import Store


def work_off(
    settings: Settings,
    videos: Iterable[VideoRef],
    options: TrackOptions,
    *,
    name: str,
    force: bool,
    workers: LocalWorkers,
) -> dict[str, Any]:
    """The run's document once all its jobs have ended; by then the workers are told to stop.

    Nobody rings for the jobs here: the workers' keepers do. Errors: StoreUnavailable,
    NoWorkers.
    """
    console = Console(stderr=True)
    with open_ledger(settings) as store:
        report = submit_archive(
            store,
            videos,
            name=name,
            options=options,
            max_attempts=settings.max_attempts,
            force=force,
        )
        _announce(console, report)
        now = snapshot(store, report.run.run_id)
        if now.ended < now.total:
            with _left_paused(store, report.run):
                sample_headers(store, report.run, settings.mounts)
                follow(store, report.run.run_id, check=workers.check, console=console)
        workers.ask_to_stop()
        with store.unit_of_work() as uow:
            return run_document(uow, report.run)


@contextmanager
def _left_paused(store: Store, run: Run) -> Iterator[None]:
    """An interrupted run waits for its own command, and is not worked off by the next one."""
    with store.unit_of_work() as uow:
        uow.runs.resume(run.run_id)
        uow.commit()
    try:
        yield
    except KeyboardInterrupt:
        with suppress(StoreUnavailable), store.unit_of_work() as uow:
            uow.runs.pause(run.run_id)
            uow.commit()
        raise


def _announce(console: Console, report: SubmitReport) -> None:
    verb = "carrying on with" if report.resumed else "run"
    console.print(
        f"{verb} {report.run.run_id} · {shown(report.run.name)}: {report.added} videos added, "
        f"{report.reused} of them known"
    )
