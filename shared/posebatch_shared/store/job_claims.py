"""A worker's hold on a job: taken in one statement, kept by beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from posebatch_shared.jobs import Claim, Device
from posebatch_shared.store.claim_statements import (
    CLAIM_POSTGRES,
    CLAIM_SQLITE,
    CLAIMED_SQLITE,
    FOLLOWING,
)
from posebatch_shared.store.clock import milliseconds, now_ms
from posebatch_shared.store.job_ends import JobEnds
from posebatch_shared.store.job_port import Beat
from posebatch_shared.store.rows import to_job, to_run
from posebatch_shared.store.tables import runs


class JobClaims(JobEnds):
    """The part of JobRepository that a worker uses while it holds, or wants, a job."""

    def claim(
        self, job_id: int, *, owner: str, devices: Sequence[Device], lease_seconds: float
    ) -> Claim | None:
        """Take this job if it waits, is due, and its run is neither paused nor cancelled."""
        row = self._take(
            {
                "this_job": job_id,
                "by_owner": owner,
                "devices": list(devices),
                "lease_ms": milliseconds(lease_seconds),
            }
        )
        if row is None:
            return None
        return Claim(
            job=to_job(row),
            run=to_run(row),
            token=row.token,
            owner=row.owner,
            queue_wait_seconds=max(0, row.started_at_ms - row.available_at_ms) / 1000,
        )

    def _take(self, wanted: dict[str, Any]) -> Row[Any] | None:
        """The job, its video and its run, if the job could be taken."""
        if self._transaction.is_postgres:
            return self._transaction.execute(CLAIM_POSTGRES, wanted).one_or_none()
        if self._transaction.execute(CLAIM_SQLITE, wanted).rowcount == 0:
            return None
        return self._transaction.execute(CLAIMED_SQLITE, {"this_job": wanted["this_job"]}).one()

    def claim_following(self, claim: Claim, *, lease_seconds: float) -> Claim | None:
        """For the same owner: the next job of the same run, queue and priority that no wake-up was
        sent for, so that nobody else is on the way to it."""
        job = claim.job
        self._transaction.begin_write()
        place = {"of_run": job.run_id, "of_device": job.device, "of_priority": job.priority}
        found = self._transaction.execute(FOLLOWING, {**place, "after": job.job_id})
        following = found.scalar_one_or_none()
        if following is None:
            return None
        devices = (job.device,)
        return self.claim(
            following, owner=claim.owner, devices=devices, lease_seconds=lease_seconds
        )

    def beat(
        self, claim: Claim, *, frames_done: int, frames_total: int | None, lease_seconds: float
    ) -> Beat:
        """Extend the lease and note progress; hear whether the claim stands and what was asked."""
        self._transaction.relax()
        kept = self._change(
            claim,
            lease_until_ms=now_ms() + milliseconds(lease_seconds),
            beat_at_ms=now_ms(),
            frames_done=frames_done,
            frames_total=frames_total,
        )
        if not kept:
            return Beat(valid=False)
        asked = select(runs.c.cancelled).where(runs.c.run_id == claim.run.run_id)
        return Beat(valid=True, cancelled=self._transaction.execute(asked).scalar_one())
