"""A tracker that hangs costs its own clip, and its process is replaced."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from chaos.clips import write_clips
from chaos.poison import HANGS
from chaos.processes import wait_until
from chaos.service import Service
from posebatch_shared.jobs import JobState
from posebatch_workers.owner import Owner

pytestmark = pytest.mark.chaos


def test_a_clip_that_hangs_is_given_up_and_the_others_go_on(
    tmp_path: Path, sqlite_url: str
) -> None:
    settings = {"POSEBATCH_JOB_TIMEOUT_SECONDS": "2"}
    with Service(tmp_path / "service", sqlite_url, settings=settings) as service:
        hanging = write_clips(service.clips, 2, name="hangs", width=HANGS)
        run = service.submit([*hanging, *write_clips(service.clips, 2)])
        *stuck, first, second = service.drain(run)
        assert {(job.state, job.error_code) for job in stuck} == {
            (JobState.DISCARDED, "time_limit")
        }
        assert (first.state, second.state) == (JobState.COMPLETED, JobState.COMPLETED)
        for job in stuck:
            owner = Owner.parse(str(job.owner))
            assert owner is not None
            wait_until(lambda pid=owner.pid: not psutil.pid_exists(pid), 30)
