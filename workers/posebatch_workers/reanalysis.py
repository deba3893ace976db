"""Stored keypoints analysed again as the present version does it: no video is opened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial

from posebatch_shared.errors import ArtifactLost, ResultDeleted, UsageError
from posebatch_shared.jobs import Job, JobState, Run
from posebatch_shared.results import JobResult, of_older_analysis
from posebatch_shared.settings import Settings
from posebatch_shared.store import Store, open_store
from posebatch_shared.versions import ANALYSIS_VERSION
from posebatch_workers.fingerprint import describe_pipeline
from posebatch_workers.stored_poses import analysed_again

PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reanalysis:
    """How many of a run's completed jobs got new numbers, had them already, or lost their poses."""

    reanalysed: int = 0
    current: int = 0
    without_keypoints: int = 0


def reanalyse_run(settings: Settings, run_id: int) -> Reanalysis:
    """All completed jobs of one run. Errors: UsageError if there is no such run, StoreUnavailable,
    ArtifactsUnavailable if the storage of keypoints as a whole does not answer."""
    with closing(open_store(settings.resolved_store_url)) as store:
        with store.unit_of_work() as uow:
            run = uow.runs.get(run_id)
        if run is None:
            raise UsageError(f"no run {run_id}")
        reanalyst = Reanalyst(
            store=store,
            artifacts_url=settings.resolved_artifacts_url,
            least_side_px=settings.least_side_px or 0,
        )
        return reanalyst.run(run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reanalyst:
    """The ledger, the keypoints, and the size that videos are read at: part of a result's key."""

    store: Store
    artifacts_url: str
    least_side_px: int

    def run(self, run: Run) -> Reanalysis:
        """All completed jobs of the run, one transaction each; what is done stays done."""
        done = Reanalysis()
        for job in self._completed(run):
            outcome = self._job(run, job)
            done = replace(done, **{outcome: getattr(done, outcome) + 1})
        return done

    def _completed(self, run: Run) -> Iterator[Job]:
        after = 0
        while True:
            with self.store.unit_of_work() as uow:
                page = uow.jobs.list(
                    run.run_id, states=[JobState.COMPLETED], after=after, limit=PAGE
                )
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].job_id

    def _job(self, run: Run, job: Job) -> str:
        with self.store.unit_of_work() as uow:
            before = uow.results.get(job.result_id) if job.result_id is not None else None
        if before is None:
            return "without_keypoints"
        if not of_older_analysis(before.analysis):
            return "current"
        try:
            after = self._after(run, before)
        except ArtifactLost:
            return "without_keypoints"
        with self.store.unit_of_work() as uow, suppress(ResultDeleted):
            if not uow.jobs.reanalysed(job.job_id, after):  # somebody retries it just now
                return "current"
            uow.commit()
            return "reanalysed"
        return "without_keypoints"  # somebody deletes it just now

    def _after(self, run: Run, before: JobResult) -> JobResult:
        """What another run has of this content, or its poses say. Errors: ArtifactLost."""
        pipeline_hash = self._pipeline_hash(run, before)
        with self.store.unit_of_work() as uow:
            known = uow.results.find(before.content_hash, pipeline_hash)
        if known is not None:
            return known[1]
        analysis = analysed_again(before, run.options, self.artifacts_url)
        return replace(before, pipeline_hash=pipeline_hash, analysis=analysis, timings=())

    def _pipeline_hash(self, run: Run, before: JobResult) -> str:
        """What a worker would track these poses under today, if it would; else a key of their own,
        so that old poses, and films of old numbers, never answer for the present pipeline."""
        describe = partial(
            describe_pipeline, run.options, before.tracker, least_side_px=self.least_side_px
        )
        version = str(before.analysis.get("version"))
        same_poses = describe(analysis_version=version).digest() == before.pipeline_hash
        if same_poses and before.artifacts.overlay is None:
            return describe(analysis_version=ANALYSIS_VERSION).digest()
        return hashlib.sha256(f"{before.pipeline_hash} {ANALYSIS_VERSION}".encode()).hexdigest()
