"""A device that fails in the middle costs one attempt of one job, and its process is replaced."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from chaos.clips import write_clips
from chaos.poison import LOSES_DEVICE
from chaos.processes import wait_until
from chaos.service import Service
from posebatch_shared.jobs import JobState

pytestmark = pytest.mark.chaos


def test_the_job_is_tried_again_by_another_process(tmp_path: Path, sqlite_url: str) -> None:
    with Service(tmp_path / "service", sqlite_url) as service:
        loses = write_clips(service.clips, 1, name="loses", width=LOSES_DEVICE)
        run = service.submit([*loses, *write_clips(service.clips, 2)])
        unlucky, *others = service.drain(run)
        assert (unlucky.state, unlucky.attempt, unlucky.crashes) == (JobState.COMPLETED, 2, 0)
        assert {(job.state, job.attempt) for job in others} == {(JobState.COMPLETED, 1)}
        broken = int((service.control / "device-lost").read_text())
        wait_until(lambda: not psutil.pid_exists(broken), 10)
        assert str(broken) not in str(unlucky.owner)
