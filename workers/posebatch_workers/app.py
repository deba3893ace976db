"""The worker's main process: Celery's settings, the keeper beside it, and an orderly stop."""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from celery import Celery
from celery.concurrency.prefork import TaskPool
from celery.exceptions import WorkerLostError
from celery.signals import setup_logging, task_failure, worker_shutting_down

from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.errors import UsageError
from posebatch_shared.logs import configure_logging, logger
from posebatch_shared.queue import QUEUES_OF, Doorbell, create_celery
from posebatch_shared.settings import Settings
from posebatch_shared.storage import is_remote, open_remote
from posebatch_shared.store import open_store
from posebatch_workers.capacity import concurrency, proved
from posebatch_workers.keeper import Keeper
from posebatch_workers.orphans import OrphanSweeper
from posebatch_workers.spool import Spool
from posebatch_workers.stop_file import stop_file
from posebatch_workers.trackers.factory import check_name

log = logger(__name__)


def serve(settings: Settings) -> int:
    """Run a worker until it is told to stop; returns the exit code.

    Errors: those of the settings, DeviceUnavailable, StoreUnavailable.
    """
    if not settings.broker_url:
        raise UsageError("POSEBATCH_BROKER_URL is not set")
    _check_settings(settings)
    configure_logging()
    signal.signal(signal.SIGTERM, _leave)  # until Celery's own handlers stand
    settings = proved(settings)
    setup_logging.connect(_keep_logging, weak=False)
    app = create_worker_app(settings)
    name = worker_name(settings)
    path = settings.home.resolve() / "workers" / f"{name}.stopping"
    with stop_file(path) as announce, _keeper(settings, app):
        worker_shutting_down.connect(announce, weak=False)
        worker = app.Worker(
            pool=Prefork,
            hostname=name,
            concurrency=concurrency(settings),
            queues=QUEUES_OF[settings.device],
            quiet=True,
            without_gossip=True,
            without_mingle=True,
        )
        worker_shutting_down.connect(partial(_wake, worker), weak=False)
        gc.freeze()  # nothing imported so far will go, nor need it be copied by a forked process
        gc.enable()
        log.info("worker_started", name=name, device=settings.device)
        worker.start()
        return int(worker.exitcode or 0)


def _check_settings(settings: Settings) -> None:
    """Before any process starts that would fail for them, or fail jobs. Errors: UnknownTracker,
    UsageError, NotInstalled."""
    check_name(settings.tracker_backend)
    open_artifacts(settings.resolved_artifacts_url)
    for mount in settings.mounts.values():
        if is_remote(mount):
            open_remote(mount)


def _wake(worker: Any, **_: object) -> None:
    """Celery's loop would notice up to a second later that it is to stop. Only from another thread
    may it be told, and a signal's handler runs in the loop's own."""
    threading.Thread(target=lambda: worker.hub.call_soon(int)).start()


class Prefork(TaskPool):
    """Celery's pool, but for its last half second: it ends as soon as its processes have."""

    _pool: Any
    _loop: Any = None  #: none until the broker has answered for the first time

    def register_with_event_loop(self, loop: Any) -> None:
        """Keeps the loop, whose timers go on while the processes bring their jobs to an end."""
        self._loop = loop
        super().register_with_event_loop(loop)

    def on_stop(self) -> None:
        """Wait for the processes."""
        if self._pool is None:
            return
        self._pool.close()
        over = threading.Event()
        threading.Thread(target=_fire_timers, args=(self._loop, over), daemon=True).start()
        self._pool.join()
        over.set()
        self._pool = None


def _fire_timers(loop: Any, over: threading.Event) -> None:
    while loop is not None and not over.wait(0.5):
        loop.fire_timers()


def _leave(*_: object) -> None:
    """Asked to stop while starting: nothing is under way, but a folder and a thread are there."""
    raise SystemExit(0)


def _keep_logging(**_: object) -> None:
    """Being connected is enough: Celery then leaves the process's logging alone."""


def create_worker_app(settings: Settings) -> Celery:
    """The shared app plus what only a worker needs: its task, and a pool safe for its device."""
    app = create_celery(settings.broker_url, key_prefix=settings.key_prefix)
    app.conf.update(
        include=["posebatch_workers.tasks"],
        # A forked child must not inherit a CUDA context or its driver's threads.
        worker_pool_start_method="spawn" if settings.device == "gpu" else "fork",
        worker_soft_shutdown_timeout=settings.grace_seconds,
        # A keeper ends the job in the ledger; this ends a process that does not hear of it.
        task_time_limit=1.1 * settings.job_timeout_seconds + settings.message_seconds,
    )
    return app


def worker_name(settings: Settings) -> str:
    """gpu@host or cpu@host, as Flower and the dashboard show it; the pid keeps two apart."""
    return f"{settings.device}-{os.getpid()}@{socket.gethostname()}"


@contextmanager
def _keeper(settings: Settings, app: Celery) -> Iterator[None]:
    """A thread that rescues, republishes and purges while the worker runs."""
    store = open_store(settings.resolved_store_url)
    store.migrate()
    doorbell = Doorbell(app, broker_url=settings.broker_url, key_prefix=settings.key_prefix)
    orphans = OrphanSweeper() if settings.orphan_days else None
    keeper = Keeper(
        store,
        doorbell,
        window=settings.dispatch_window,
        sweep_seconds=settings.sweep_seconds,
        lease_seconds=settings.lease_seconds,
        job_timeout_seconds=settings.job_timeout_seconds,
        spool=Spool(settings.home / "spool"),
        orphans=orphans,
    )
    note_death = partial(_note_death, keeper)
    task_failure.connect(note_death)
    stop = threading.Event()
    thread = threading.Thread(target=keeper.run, args=(stop,), name="keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        task_failure.disconnect(note_death)
        stop.set()
        thread.join(5)
        if orphans is not None:
            orphans.close()
        doorbell.close()
        store.close()


def _note_death(
    keeper: Keeper, *, exception: Exception, args: Sequence[object], **_: object
) -> None:
    """Celery's words are `Worker exited prematurely: signal 11 (SIGSEGV) Job: 1.`"""
    if isinstance(exception, WorkerLostError) and args and isinstance(args[0], int):
        how = str(exception).partition(": ")[2].partition(" Job:")[0].rstrip(".")
        keeper.note_death(args[0], f"died: {how}")
