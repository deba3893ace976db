"""A decoding process that dies or hangs costs one attempt of one job, and never the tracker."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from chaos.clips import FRAMES, write_clips
from chaos.processes import wait_until
from chaos.service import Service
from posebatch_shared.jobs import Job, JobState
from posebatch_workers.owner import Owner

pytestmark = pytest.mark.chaos

LONG = 20 * FRAMES  # more than the shared ring holds


def decoder_of(job: Job) -> int:
    """Pid of the decoding process at work for a job's owner; the other one is its spare."""
    owner = Owner.parse(str(job.owner))
    assert owner is not None
    decoders = [
        child
        for child in psutil.Process(owner.pid).children()
        if "posebatch_workers.video.child" in child.cmdline()
    ]
    return min(decoders, key=psutil.Process.create_time).pid


def test_jobs_are_retried_and_trackers_keep_their_processes(
    tmp_path: Path, sqlite_url: str
) -> None:
    settings = {"POSEBATCH_DECODER_TIMEOUT_SECONDS": "1"}
    folder = tmp_path / "service"
    with Service(folder, sqlite_url, seconds_per_clip=2.0, settings=settings) as service:
        clips = write_clips(service.clips, 4, frames=LONG)
        trackers = {service.child_of(number) for number in (0, 1)}
        run = service.submit(clips)
        wait_until(lambda: [job.frames_done > 0 for job in service.running()] == [True, True], 30)
        for job, blow in zip(service.running(), (signal.SIGKILL, signal.SIGSTOP), strict=True):
            os.kill(decoder_of(job), blow)
        jobs = service.drain(run)
        assert {job.state for job in jobs} == {JobState.COMPLETED}
        assert sorted(job.attempt for job in jobs) == [1, 1, 2, 2]
        assert {job.crashes for job in jobs} == {0}
        assert {service.child_of(number) for number in (0, 1)} == trackers
