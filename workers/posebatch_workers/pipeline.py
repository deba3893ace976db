"""The life of one job: claim, look in the cache, track, write artifacts, complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import structlog

from posebatch_shared.artifacts import ArtifactStore
from posebatch_shared.errors import (
    DeviceLost,
    PosebatchError,
    StaleClaim,
    StoreUnavailable,
    unforeseen,
)
from posebatch_shared.jobs import Claim, TrackOptions
from posebatch_shared.logs import logger
from posebatch_shared.results import JobResult
from posebatch_shared.store import Store
from posebatch_shared.store.job_port import JobRepository
from posebatch_workers.analysis import ANALYSIS_VERSION
from posebatch_workers.checkpoint import Checkpoint
from posebatch_workers.claims import Claims
from posebatch_workers.fingerprint import CacheKey, describe_pipeline
from posebatch_workers.heartbeat import Heartbeat
from posebatch_workers.overlay.spool import Spool as OverlaySpool
from posebatch_workers.source import content_hash, local_file
from posebatch_workers.spool import Spool
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
    tracker_slot: TrackerSlot
    decoder: DecoderProcess
    artifacts: ArtifactStore
    film_threads: ThreadPoolExecutor
    claims: Claims
    mounts: Mapping[str, str]
    reading: ReadOptions
    spool: Spool
    checkpoints: Path
    checkpoint_seconds: float
    stop_file: Path
    lease_seconds: float
    beat_seconds: float
    grace_seconds: float

    def warm_up(self) -> None:
        """Start the decoder and load the default tracker, so that the first job finds both warm."""
        self.decoder.start()
        self.tracker_slot.get(TrackOptions())

    def run(self, job_id: int) -> bool:
        """Bring the job to an end, if it still waits, and short ones behind it; False if there was
        nothing to do.

        Errors: DeviceLost, once the job waits for its next attempt: this process will track nothing
        any more.
        """
        worked = False
        for claim in self.claims.of_message(job_id):
            with structlog.contextvars.bound_contextvars(
                job_id=claim.job.job_id, run_id=claim.run.run_id, attempt=claim.job.attempt
            ):
                self._attempt(claim)
            worked = True
        return worked

    def _attempt(self, claim: Claim) -> None:
        timer = StageTimer()
        timer.add("queue_wait", claim.queue_wait_seconds, parent=None)
        try:
            with self._heartbeat(claim) as heart:
                result = self._work(claim, heart, timer)
                self.spool.complete(self.store, claim, result)
        except JobCancelled:
            self._write(lambda jobs: jobs.cancelled(claim))
        except HandedBack:
            self._write(lambda jobs: jobs.release(claim))
        except SystemExit:  # a cold shutdown reaches the running task this way
            self._write(lambda jobs: jobs.release(claim))
            raise
        except StaleClaim:
            log.warning("stale_claim")
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

    def _fail(self, claim: Claim, error: PosebatchError, timer: StageTimer) -> None:
        log.warning("attempt_failed", code=error.code, message=str(error))
        self._write(lambda jobs: jobs.fail(claim, error, timings=timer.timings()))

    def _heartbeat(self, claim: Claim) -> Heartbeat:
        return Heartbeat(
            self.store, claim, beat_seconds=self.beat_seconds, lease_seconds=self.lease_seconds
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
        with local_file(claim.job.video, self.mounts) as path:
            with timer.stage("hash"):
                content = content_hash(path)
            pipeline_hash = self._pipeline_hash(options, tracker)
            if not claim.run.force:
                with timer.stage("cache"):
                    cached = self._cached(content, pipeline_hash, options)
                if cached:
                    return replace(cached, timings=timer.timings(), cache_hit=True)
            key = CacheKey(content_hash=content, pipeline_hash=pipeline_hash)
            return self._tracked(claim, path, key, tracker, heart, timer)

    def _pipeline_hash(self, options: TrackOptions, tracker: Tracker) -> str:
        return describe_pipeline(
            options,
            tracker.info,
            analysis_version=ANALYSIS_VERSION,
            least_side_px=self.reading.least_side or 0,
        ).digest()

    def _cached(self, content: str, pipeline_hash: str, options: TrackOptions) -> JobResult | None:
        with self.store.unit_of_work() as uow:
            found = uow.results.find(content, pipeline_hash)
        if found is None or (options.overlay and found[1].artifacts.overlay is None):
            return None
        return found[1]

    def _tracked(
        self,
        claim: Claim,
        path: Path,
        key: CacheKey,
        tracker: Tracker,
        heart: Heartbeat,
        timer: StageTimer,
    ) -> JobResult:
        checkpoint = Checkpoint(self.checkpoints, **asdict(key))
        progress = Watch(heart=heart, stop_file=self.stop_file, grace_seconds=self.grace_seconds)
        with self._overlay_spool(claim.run.options) as spool:
            tracked = track_file(
                path,
                claim.run.options,
                tracker=tracker,
                decoder=self.decoder,
                reading=self.reading,
                checkpoint=checkpoint,
                part_seconds=self.checkpoint_seconds,
                spool=spool,
                progress=progress,
                timer=timer,
            )
            artifacts = write_artifacts(
                tracked,
                path,
                name=f"{key}-{claim.token}",
                tracker=tracker,
                decoder=self.decoder,
                spool=spool,
                artifacts=self.artifacts,
                film_threads=self.film_threads,
                timer=timer,
            )
        checkpoint.clear()
        return tracked.result(key, tracker, artifacts, timer)

    def _overlay_spool(self, options: TrackOptions) -> AbstractContextManager[OverlaySpool | None]:
        return OverlaySpool(self.checkpoints) if options.overlay else nullcontext()
