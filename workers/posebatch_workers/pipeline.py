"""The life of one job: claim, look in the cache, track, write artifacts, complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from posebatch_shared.artifacts import ArtifactStore

from posebatch_shared.errors import PosebatchError, StaleClaim
from posebatch_shared.jobs import Claim, Device
from posebatch_shared.logs import logger
from posebatch_shared.results import JobResult
from posebatch_shared.store import Store
from posebatch_workers.heartbeat import Heartbeat
from posebatch_workers.interruptions import HandedBack, JobCancelled
from posebatch_workers.source import content_hash, local_file
from posebatch_workers.timing import StageTimer
from posebatch_workers.tracker_slot import TrackerSlot
from posebatch_workers.video.reader import ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess

log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One process's tools, each opened once, and the way of a job through them."""

    store: Store
    tracker_slot: TrackerSlot
    decoder: DecoderProcess
    artifacts: ArtifactStore
    owner: str
    devices: Sequence[Device]
    mounts: Mapping[str, str]
    reading: ReadOptions
    lease_seconds: float
    beat_seconds: float

    def run(self, job_id: int) -> bool:
        """Bring the job to an end, if it still waits; False if there was nothing to do."""
        claim = self._claim(job_id)
        if claim is None:
            return False
        with structlog.contextvars.bound_contextvars(
            job_id=job_id, run_id=claim.run.run_id, attempt=claim.job.attempt
        ):
            self._attempt(claim)
        return True

    def _claim(self, job_id: int) -> Claim | None:
        with self.store.unit_of_work() as uow:
            claim = uow.jobs.claim(
                job_id, owner=self.owner, devices=self.devices, lease_seconds=self.lease_seconds
            )
            uow.commit()
        return claim

    def _attempt(self, claim: Claim) -> None:
        timer = StageTimer()
        timer.add("queue_wait", claim.queue_wait_seconds, parent=None)
        try:
            with Heartbeat(
                self.store,
                claim,
                beat_seconds=self.beat_seconds,
                lease_seconds=self.lease_seconds,
            ) as heart:
                result = self._result(claim, heart, timer)
            self._complete(claim, result)
        except JobCancelled:
            self._write(lambda jobs: jobs.cancelled(claim))
        except (HandedBack, SystemExit) as stop:
            self._write(lambda jobs: jobs.release(claim))
            if isinstance(stop, SystemExit):
                raise
        except StaleClaim:
            log.warning("claim_lost")
        except PosebatchError as error:
            self._fail(claim, error, timer)

    def _result(self, claim: Claim, heart: Heartbeat, timer: StageTimer) -> JobResult:
        options = claim.run.options
        with local_file(claim.job.video, self.mounts) as path, timer.stage("hash"):
            content = content_hash(path)
