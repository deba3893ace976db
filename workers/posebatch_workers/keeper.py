"""Who brings back what got lost? Every worker's main process, beside its work, without a leader."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from posebatch_shared.errors import BrokerUnavailable, StoreUnavailable
from posebatch_shared.jobs import Device
from posebatch_shared.logs import logger
from posebatch_shared.messages import TrackVideo
from posebatch_shared.queue import QUEUES
from posebatch_shared.store import Store
from posebatch_shared.store.ports import UnitOfWork
from posebatch_workers.orphans import OrphanSweeper
from posebatch_workers.rescuer import Rescuer
from posebatch_workers.spool import Spool

log = logger(__name__)

_PURGE_EVERY_SECONDS = 600.0
_KEPT_DAYS = 30.0  #: events, and what workers that are gone reported
_FIRST_PAUSE_SECONDS = 0.05


class Bell(Protocol):
    """The part of the doorbell that a keeper uses."""

    def ring(self, messages: Sequence[TrackVideo]) -> int: ...
    def depth(self, queue: str) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperReport:
    """What one tick did."""

    rescued: int = 0
    cancelled: int = 0
    rung: int = 0
    purged: int = 0
    store_up: bool = True
    broker_up: bool = True


class Keeper:
    """Rescues, republishes, sweeps and purges. Any number of keepers may do so side by side.

    `window` bounds the wake-ups per queue in Redis. After an outage of the ledger, or where the
    machine slept, leases that ran out meanwhile get `lease_seconds` more, so that the living can
    beat first.
    """

    def __init__(
        self,
        store: Store,
        doorbell: Bell,
        *,
        window: int = 100,
        sweep_seconds: float = 1.0,
        lease_seconds: float = 10.0,
        job_timeout_seconds: float = 6 * 3600.0,
        spool: Spool | None = None,
        orphans: OrphanSweeper | None = None,
    ) -> None:
        self._store = store
        self._doorbell = doorbell
        self._window = window
        self._sweep_seconds = sweep_seconds
        self._lease_seconds = lease_seconds
        self._spool = spool
        self._orphans = orphans
        self._rescuer = Rescuer(
            lease_seconds=lease_seconds, job_timeout_seconds=job_timeout_seconds
        )
        self._ticking = threading.Lock()
        self._store_up = self._broker_up = True
        self._patient_until = self._purge_at = 0.0
        self._slept = _slept_seconds()

    def run(self, stop: threading.Event) -> None:
        """Tick until told to stop. A child process is never forked in the middle of a tick: it
        would inherit locks that nobody in it will ever release."""
        os.register_at_fork(
            before=self._ticking.acquire,
            after_in_parent=self._ticking.release,
            after_in_child=self._ticking.release,
        )
        pause_seconds = _FIRST_PAUSE_SECONDS  # a run that starts its worker is submitted meanwhile
        while not stop.is_set():
            try:
                self.tick()
            except Exception:  # a defect, or the machine: the next tick may do better than none
                log.exception("tick_broke")
            stop.wait(min(pause_seconds, self._sweep_seconds))
            pause_seconds = 2 * pause_seconds

    def tick(self) -> KeeperReport:
        """One round; outages are logged once and waited out."""
        with self._ticking:
            self._note_sleep()
            rescued, cancelled, purged = self._keep_ledger()
            rung = self._keep_queues() if self._store_up else 0
            if self._orphans is not None:
                self._orphans.tick()
        up = {"store_up": self._store_up, "broker_up": self._broker_up}
        return KeeperReport(rescued=rescued, cancelled=cancelled, rung=rung, purged=purged, **up)

    def note_death(self, job_id: int, cause: str) -> None:
        """Told how the process died that a wake-up for this job had gone to."""
        self._rescuer.note_death(self._store, job_id, cause)

    def _keep_ledger(self) -> tuple[int, int, int]:
        try:
            if self._spool is not None:  # before its jobs could be taken from their dead owners
                self._spool.drain(self._store)
            with self._store.unit_of_work() as uow:
                expired_too = self._store_up and time.monotonic() >= self._patient_until
                rescued = self._rescuer.rescue(uow, expired_too=expired_too)
                self._rescuer.expire(uow)
                cancelled = uow.jobs.sweep_cancelled()
                purged = self._purge(uow)
                uow.commit()
        except StoreUnavailable as error:
            self._note_store(error)
            return 0, 0, 0
        self._note_store(None)
        return rescued, cancelled, purged

    def _purge(self, uow: UnitOfWork) -> int:
        if time.monotonic() < self._purge_at:
            return 0
        self._purge_at = time.monotonic() + _PURGE_EVERY_SECONDS
        return uow.events.purge(older_than_days=_KEPT_DAYS) + uow.workers.purge(
            older_than_days=_KEPT_DAYS
        )

    def _keep_queues(self) -> int:
        try:
            rung = sum(self._keep_queue(device) for device in QUEUES)
        except BrokerUnavailable as error:
            if self._broker_up:
                log.warning("broker_lost", error=str(error))
            self._broker_up = False
            return 0
        except StoreUnavailable as error:
            self._note_store(error)
            return 0
        if not self._broker_up:
            log.info("broker_back")
        self._broker_up = True
        return rung

    def _keep_queue(self, device: Device) -> int:
        depth = self._doorbell.depth(device)
        with self._store.unit_of_work() as uow:
            dispatched = uow.jobs.waiting_dispatched(device)
            room = self._window - max(dispatched, depth)
            jobs = list(_due(uow, device, room, redispatch=False))
            # Fewer messages than jobs that wait for theirs: some were lost, or are being taken now.
            jobs += _due(uow, device, dispatched - depth, redispatch=True)
            uow.commit()
        return self._doorbell.ring([TrackVideo(job_id=job, queue=device) for job in jobs])

    def _note_sleep(self) -> None:
        """A machine that slept wakes with all its leases run out, and its workers alive."""
        before, self._slept = self._slept, _slept_seconds()
        if self._slept - before > self._lease_seconds / 2:
            self._be_patient()

    def _be_patient(self) -> None:
        self._patient_until = time.monotonic() + self._lease_seconds

    def _note_store(self, error: StoreUnavailable | None) -> None:
        if error is None and not self._store_up:
            log.info("ledger_back")
            self._be_patient()
        if error is not None and self._store_up:
            log.warning("ledger_lost", error=str(error))
        self._store_up = error is None


def _slept_seconds() -> float:
    """Grows while the machine sleeps: only the one clock goes on then."""
    return time.time() - time.monotonic()


def _due(uow: UnitOfWork, device: Device, limit: int, *, redispatch: bool) -> Sequence[int]:
    if limit <= 0:
        return ()
    jobs = uow.jobs.due(devices=[device], limit=limit, redispatch=redispatch)
    return [job.job_id for job in jobs]
