"""A run on this machine, start to end: scan, submit, work, follow, read back."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from posebatch_producer.archive import check_arguments, scan
from posebatch_producer.document import run_document
from posebatch_producer.progress import follow, snapshot
from posebatch_producer.sampling import sample_headers
from posebatch_producer.service import (
    local_devices,
    local_workers,
    open_broker,
    open_ledger,
)
from posebatch_producer.submit import SubmitReport, submit_archive
from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.store import Store
from posebatch_shared.tuning import tuning


def run_here(
    paths: Sequence[str], options: TrackOptions, *, name: str, force: bool
) -> dict[str, Any]:
    """The run's JSON document. Errors: FileNotFound and UsageError before anything starts."""
    check_arguments(paths)
    signal.signal(signal.SIGTERM, _interrupt)
    settings = load_settings()
    console = Console(stderr=True)
    with open_ledger(settings) as store:
        videos = scan(paths, settings.mounts)
        report = submit_archive(
            store,
            videos,
            name=name,
            options=options,
            max_attempts=settings.max_attempts,
            force=force,
        )
        _announce(console, report)
        sample_headers(store, report.run, settings.mounts)
        _work_off(store, settings, report, console)
        with store.unit_of_work() as uow:
            return run_document(uow, report.run)


def _interrupt(*_: object) -> None:
    """Being told to stop by a supervisor is Ctrl-C: in order, with nothing left behind."""
    raise KeyboardInterrupt


def _announce(console: Console, report: SubmitReport) -> None:
    verb = "carrying on with" if report.resumed else "run"
    console.print(
        f"{verb} {report.run.run_id} · {report.run.name}: {report.added} videos added, "
        f"{report.reused} of them known"
    )


def _work_off(store: Store, settings: Settings, report: SubmitReport, console: Console) -> None:
    """Start workers (their keepers ring for the jobs), follow to the end, stop them."""
    now = snapshot(store, report.run.run_id)
    if not now.total:
        raise UsageError("no videos there; name files, or folders that hold some")
    if now.ended == now.total:
        return
    concurrency = settings.concurrency or min(
        tuning(settings.home).processes, now.total - now.ended
    )
    try:
        with (
            open_broker(settings) as broker_url,
            local_workers(settings, broker_url, concurrency, local_devices()) as workers,
        ):
            follow(store, report.run.run_id, check=workers.check, console=console)
    except KeyboardInterrupt:
        console.print("stopped; run the same command again to carry on")
        sys.exit(130)
