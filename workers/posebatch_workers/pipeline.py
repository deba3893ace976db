"""The life of one job: claim, look in the cache, track, write artifacts, complete."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from posebatch_shared.errors import (
    DeviceLost,
    PosebatchError,
    ResultDeleted,
    StaleClaim,
    StoreUnavailable,
    unforeseen,
)
from posebatch_shared.jobs import Claim, TrackOptions
from posebatch_shared.logs import logger
from posebatch_shared.results import JobResult
from posebatch_shared.store import Store
from posebatch_shared.store.job_port import JobRepository
from posebatch_workers.checkpoint import Checkpoint
from posebatch_workers.claims import Claims
from posebatch_workers.fingerprint import CacheKey, cache_key
from posebatch_workers.heartbeat import Heartbeat
from posebatch_workers.known_results import KnownResults
from posebatch_workers.outages import Outage, Outages
from posebatch_workers.overlay.spool import Spool as OverlaySpool
from posebatch_workers.source import content_hash, local_file
from posebatch_workers.spool import Spool
from posebatch_workers.surroundings import Surroundings
from posebatch_workers.timing import StageTimer
from posebatch_workers.tracker_slot import TrackerSlot
from posebatch_workers.trackers.base import Tracker
from posebatch_workers.tracking import track_file, write_artifacts
from posebatch_workers.video.reader import ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess
from posebatch_workers.watch import HandedBack, JobCancelled, Watch

log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One process's tools, each opened once, and the way of a job through them."""

    store: Store
    known: KnownResults
    tracker_slot: TrackerSlot
    decoder: DecoderProcess
    film_threads: ThreadPoolExecutor
    claims: Claims
    surroundings: Surroundings
    outages: Outages
    reading: ReadOptions
    spool: Spool
    scratch: Path  #: for checkpoints and what is there in passing
    checkpoint_seconds: float
    stop_file: Path
    grace_seconds: float
    heartbeat: Callable[[Claim], Heartbeat]

    def warm_up(self) -> None:
        """Start the decoder and load the default tracker, so that the first job finds both warm."""
        self.decoder.start()
        self.tracker_slot.get(TrackOptions())

    def run(self, job_id: int) -> None:
        """Bring the job to an end, if it still waits, and short ones behind it.

        Errors: DeviceLost, once the job waits for its next attempt: this process will track nothing
        any more.
        """
        self.outages.wait()
        for claim in self.claims.of_message(job_id):
            with structlog.contextvars.bound_contextvars(**claim.named):
                self._attempt(claim)
            if self.outages.is_one:
                return

    def _attempt(self, claim: Claim) -> None:
        timer = StageTimer()
        timer.add("queue_wait", claim.queue_wait_seconds, parent=None)
        try:
            with (
                self.heartbeat(claim) as heart,
                self.outages.told_apart(claim.job.video, claim.run.options),
            ):
                result = self._work(claim, heart, timer)
                self.spool.complete(self.store, claim, result)
        except JobCancelled:
            self._write(lambda jobs: jobs.cancelled(claim))
        except (HandedBack, ResultDeleted):
            self._write(lambda jobs: jobs.release(claim))
        except SystemExit:  # a cold shutdown reaches the running task this way
            self._write(lambda jobs: jobs.release(claim))
            raise
        except StaleClaim:
            log.warning("stale_claim")
        except Outage as outage:
            self._fail(claim, outage.away, timer, costs_attempt=False)
        except DeviceLost as error:
            self._fail(claim, error, timer)
            raise
        except PosebatchError as error:
            self._fail(claim, error, timer)
        except Exception as error:  # a defect must end this job and say so, not hang it
            log.exception("attempt_broke")
            self._fail(claim, unforeseen(error), timer)
        else:
            log.info("job_completed", cache_hit=result.cache_hit, frames=result.frames_tracked)

    def _fail(
        self, claim: Claim, error: PosebatchError, timer: StageTimer, *, costs_attempt: bool = True
    ) -> None:
        log.warning("attempt_failed", code=error.code, message=str(error))
        timings = timer.timings()
        self._write(
            lambda jobs: jobs.fail(claim, error, timings=timings, costs_attempt=costs_attempt)
        )

    def _write(self, change: Callable[[JobRepository], object]) -> None:
        """Change the job's state; if the ledger is down or the claim lost, the lease decides."""
        try:
            with self.store.unit_of_work() as uow:
                change(uow.jobs)
                uow.commit()
        except (StoreUnavailable, StaleClaim) as error:
            log.warning("state_not_written", code=error.code, error=str(error))

    def _work(self, claim: Claim, heart: Heartbeat, timer: StageTimer) -> JobResult:
        options = claim.run.options
        tracker = self.tracker_slot.get(options)
        with local_file(
            claim.job.video, self.surroundings.mounts, scratch=self.scratch, timer=timer
        ) as path:
            with timer.stage("hash"):
                content = content_hash(path)
            self.surroundings.note(path)
            least_side_px = self.reading.least_side or 0
            key = cache_key(content, options, tracker.info, least_side_px=least_side_px)
            if not claim.run.force:
                with timer.stage("cache"):
                    known = self.known.find(key, options)
                if known:
                    return replace(known, timings=timer.timings(), cache_hit=True)
            return self._tracked(claim, path, key, tracker, heart, timer)

    def _tracked(
        self,
        claim: Claim,
        path: Path,
        key: CacheKey,
        tracker: Tracker,
        heart: Heartbeat,
        timer: StageTimer,
    ) -> JobResult:
        checkpoint = Checkpoint(
            self.scratch,
            content_hash=key.content_hash,
            pipeline_hash=key.pipeline_hash,
            part_seconds=self.checkpoint_seconds,
        )
        progress = Watch(heart=heart, stop_file=self.stop_file, grace_seconds=self.grace_seconds)
        filming = OverlaySpool(self.scratch) if claim.run.options.overlay else nullcontext()
        with filming as spool:
            tracked = track_file(
                path,
                claim.run.options,
                tracker=tracker,
                decoder=self.decoder,
                reading=self.reading,
                checkpoint=checkpoint,
                spool=spool,
                progress=progress,
                timer=timer,
            )
            artifacts = write_artifacts(
                tracked,
                path,
                name=f"{key}-{claim.job.job_id}-{claim.token}",  # no two files ever have one name
                scratch=self.scratch,
                tracker=tracker,
                decoder=self.decoder,
                spool=spool,
                artifacts=self.surroundings.artifacts,
                film_threads=self.film_threads,
                timer=timer,
            )
        checkpoint.clear()
        return tracked.result(key, tracker, artifacts, timer)
