"""A run for workers that stand elsewhere: into the ledger, and a ring at the broker."""

from __future__ import annotations

from collections.abc import Sequence

from posebatch_producer.archive import check_arguments, scan
from posebatch_producer.sampling import sample_headers
from posebatch_producer.service import open_ledger
from posebatch_producer.submit import SubmitReport, submit_archive
from posebatch_shared.errors import BrokerUnavailable, UsageError
from posebatch_shared.jobs import Device, TrackOptions
from posebatch_shared.messages import TrackVideo
from posebatch_shared.queue import QUEUES, Doorbell, create_celery
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.store import Store


def submit_here(
    paths: Sequence[str],
    options: TrackOptions,
    *,
    name: str,
    device: Device,
    priority: int,
    force: bool,
) -> SubmitReport:
    """Enqueue one job per video. Errors: FileNotFound, UsageError, StoreUnavailable."""
    check_arguments(paths)
    settings = load_settings()
    require_broker(settings)
    app = create_celery(settings.broker_url, key_prefix=settings.key_prefix)
    doorbell = Doorbell(app, broker_url=settings.broker_url, key_prefix=settings.key_prefix)
    with open_ledger(settings) as store:
        report = submit_archive(
            store,
            scan(paths, settings.mounts),
            name=name,
            options=options,
            device=device,
            priority=priority,
            max_attempts=settings.max_attempts,
            force=force,
        )
        ring_for(store, doorbell, limit=settings.dispatch_window)
        sample_headers(store, report.run, settings.mounts)
    doorbell.close()
    return report


def ring_for(store: Store, doorbell: Doorbell, *, limit: int) -> int:
    """Wake workers for the first jobs; the keepers ring for the rest. 0 if the broker is down."""
    with store.unit_of_work() as uow:
        jobs = uow.jobs.due(devices=QUEUES, limit=limit, redispatch=False)
        uow.commit()
    try:
        return doorbell.ring(TrackVideo(job_id=job.job_id, queue=job.device) for job in jobs)
    except BrokerUnavailable:
        return 0  # the ledger has them; a keeper rings once the broker is back


def require_broker(settings: Settings) -> None:
    """Raise UsageError unless a broker is named, and one that SQLite can serve if that is it."""
    if not settings.broker_url:
        raise UsageError("POSEBATCH_BROKER_URL is not set; `posebatch run` needs none")
    is_local = any(
        mark in settings.broker_url for mark in ("localhost", "127.0.0.1", "[::1]", ".sock")
    )
    if settings.resolved_store_url.startswith("sqlite") and not is_local:
        raise UsageError(
            "SQLite serves one machine only, but the broker is remote: set POSEBATCH_STORE_URL "
            "to a Postgres that all machines reach"
        )


def migrate_here() -> None:
    """Bring the ledger's tables up to date. Errors: StoreUnavailable."""
    with open_ledger(load_settings()):
        return
