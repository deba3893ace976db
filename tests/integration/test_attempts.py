"""How an attempt ends, whatever happens in it: the job says so, and the process knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ledgers import OWNER, add_run, job_of, jobs_of, must_claim, result
from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.errors import (
    DecoderCrashed,
    DeviceLost,
    FileNotFound,
    ModelMissing,
    NoFrames,
    ResultDeleted,
    StaleClaim,
)
from posebatch_shared.jobs import JobState, TrackOptions
from posebatch_shared.results import JobResult
from posebatch_shared.store import Store
from posebatch_workers.claims import Claims
from posebatch_workers.heartbeat import Heartbeat
from posebatch_workers.outages import Outages
from posebatch_workers.pipeline import Pipeline
from posebatch_workers.spool import Spool
from posebatch_workers.surroundings import Surroundings
from posebatch_workers.watch import HandedBack, JobCancelled


@dataclass(frozen=True, kw_only=True)
class Attempts(Pipeline):
    """A process whose work ends in one way."""

    end: BaseException | JobResult

    def _work(self, *_: Any) -> JobResult:
        if isinstance(self.end, JobResult):
            return self.end
        raise self.end


def attempts(
    store: Store,
    folder: Path,
    end: BaseException | JobResult,
    prove_tracking: Callable[[TrackOptions], object] = lambda _: None,
    **mounts: str,
) -> Attempts:
    stop_file = folder / "stop"
    around = Surroundings(
        mounts={"archive": "/", **mounts},
        artifacts=open_artifacts(str(folder)),
        scratch=folder / "scratch",
        prove_reading=lambda: None,
        prove_tracking=prove_tracking,
    )
    unused: Any = None
    return Attempts(
        store=store,
        known=unused,
        tracker_slot=unused,
        decoder=unused,
        film_threads=unused,
        claims=Claims(
            store=store,
            owner=OWNER,
            devices=("cpu", "any"),
            lease_seconds=60,
            message_seconds=3600,
            stop_file=stop_file,
        ),
        surroundings=around,
        outages=Outages(around, stop_file=stop_file),
        reading=unused,
        spool=Spool(folder / "spool"),
        scratch=folder / "scratch",
        checkpoint_seconds=20,
        stop_file=stop_file,
        grace_seconds=1,
        heartbeat=lambda claim: Heartbeat(store, claim, beat_seconds=60, lease_seconds=60),
        end=end,
    )


@pytest.mark.parametrize(
    ("end", "state", "attempt", "code", "event"),
    [
        (result(), JobState.COMPLETED, 1, None, "run_added"),
        (JobCancelled(), JobState.AVAILABLE, 0, None, "stopped"),
        (HandedBack(), JobState.AVAILABLE, 0, None, "released"),
        (ResultDeleted("its run went"), JobState.AVAILABLE, 0, None, "released"),
        (SystemExit(), JobState.AVAILABLE, 0, None, "released"),
        (StaleClaim("taken over"), JobState.RUNNING, 1, None, "run_added"),
        (DeviceLost("gone"), JobState.RETRYABLE, 1, "device_lost", "failed"),
        (DecoderCrashed("once"), JobState.RETRYABLE, 1, "decoder_crashed", "failed"),
        (NoFrames("none"), JobState.DISCARDED, 1, "no_frames", "failed"),
        (OSError(5, "EIO"), JobState.RETRYABLE, 1, "system", "failed"),
    ],
)
def test_each_end_has_its_state(
    store: Store,
    tmp_path: Path,
    end: BaseException | JobResult,
    state: JobState,
    attempt: int,
    code: str | None,
    event: str,
) -> None:
    (job,) = jobs_of(store, add_run(store))
    process = attempts(store, tmp_path, end)
    if isinstance(end, SystemExit | DeviceLost):
        with pytest.raises(type(end)):
            process.run(job.job_id)
    else:
        process.run(job.job_id)
    ended = job_of(store, job.job_id)
    assert (ended.state, ended.attempt, ended.error_code) == (state, attempt, code)
    with store.unit_of_work() as uow:
        assert next(iter(uow.events.list())).kind == event
        stages = {row.stage for row in uow.results.timings(job.job_id)}
    assert ("queue_wait" in stages) == (event == "failed")


def _lacking(_: TrackOptions) -> None:
    raise ModelMissing("net.onnx")


@pytest.mark.parametrize(
    ("end", "prove_tracking", "archive", "code"),
    [
        (FileNotFound("clip.mp4"), lambda _: None, "not mounted", "root_unavailable"),
        (ModelMissing("net.onnx"), _lacking, ".", "model_missing"),
    ],
)
def test_an_outage_costs_no_attempt_and_takes_no_other_job(
    store: Store,
    tmp_path: Path,
    end: BaseException,
    prove_tracking: Callable[[TrackOptions], object],
    archive: str,
    code: str,
) -> None:
    run = add_run(store, 2)
    process = attempts(store, tmp_path, end, prove_tracking, archive=str(tmp_path / archive))
    process.run(jobs_of(store, run)[0].job_id)
    first, second = jobs_of(store, run)
    assert (first.state, first.attempt, first.error_code) == (JobState.RETRYABLE, 0, code)
    assert (second.state, second.attempt) == (JobState.AVAILABLE, 0)


def test_no_name_commands_the_terminal_that_shows_the_log(store: Store) -> None:
    (job,) = jobs_of(store, add_run(store))
    held = must_claim(store, job.job_id)
    clip = replace(held.job.video, path="\x1b[31mred.mp4")
    named = replace(held, job=replace(held.job, video=clip)).named
    assert named["video"].isprintable()
    assert named["job_id"] == job.job_id
