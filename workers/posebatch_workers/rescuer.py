"""Which running jobs have lost their worker? Those of the dead, the silent, and the endless."""

from __future__ import annotations

from collections.abc import Sequence

from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.jobs import Job
from posebatch_shared.logs import logger
from posebatch_shared.store import Store
from posebatch_shared.store.ports import UnitOfWork
from posebatch_workers.owner import life_of

log = logger(__name__)

#: A live process whose heartbeat is silent for longer than this is not vouched for any more.
SILENT_SECONDS = 60.0


class Rescuer:
    """Takes jobs from dead owners, and from silent ones unless they are seen to live."""

    def __init__(self, *, lease_seconds: float, job_timeout_seconds: float) -> None:
        self._lease_seconds = lease_seconds
        self._job_timeout_seconds = job_timeout_seconds

    def rescue(self, uow: UnitOfWork, *, expired_too: bool) -> int:
        """How many jobs were taken back; without `expired_too` only from the dead."""
        lives = {owner: life_of(owner) for owner in uow.jobs.running_owners()}
        dead = [owner for owner, life in lives.items() if life == "dead"]
        running = [owner for owner, life in lives.items() if life == "running"]
        if running:
            uow.jobs.vouch(
                running, lease_seconds=self._lease_seconds, silent_seconds=SILENT_SECONDS
            )
        return self._rescued(uow.jobs.rescue(dead_owners=dead, expired=expired_too))

    def _rescued(self, jobs: Sequence[Job]) -> int:
        for job in jobs:
            log.warning("job_rescued", job_id=job.job_id, state=job.state, why=job.error_message)
        return len(jobs)

    def expire(self, uow: UnitOfWork) -> int:
        """End attempts that have taken too long; returns how many."""
        expired = uow.jobs.expire(older_than_seconds=self._job_timeout_seconds)
        if expired:
            log.warning("jobs_expired", jobs=expired, limit_seconds=self._job_timeout_seconds)
        return expired

    def note_death(self, store: Store, job_id: int, cause: str) -> None:
        """Told how the process died that a wake-up for this job had gone to. The job that it died
        with, which may be a later one than the wake-up's, is rescued here with its cause, or has
        been by another keeper, who did not know it."""
        try:
            with store.unit_of_work() as uow:
                job = uow.jobs.get(job_id)
                owner = str(job and job.owner)
                if life_of(owner) != "dead":
                    return  # another process has the job by now
                lost = uow.jobs.rescue(dead_owners=[owner], expired=False, causes={owner: cause})
                self._rescued(lost)
                uow.commit()
            with store.unit_of_work() as uow:
                uow.jobs.explain_crash(owner, cause)
                uow.commit()
        except StoreUnavailable as error:
            log.warning("death_not_noted", job_id=job_id, cause=cause, error=str(error))
