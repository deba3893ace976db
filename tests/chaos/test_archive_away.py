"""An archive whose disk is away for a while costs time, and no job."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chaos.clips import write_clips
from chaos.processes import wait_until
from chaos.service import Service
from posebatch_shared.jobs import JobState

pytestmark = pytest.mark.chaos


def test_an_archive_that_goes_and_comes_back_costs_no_job_and_no_attempt(tmp_path: Path) -> None:
    with Service(tmp_path, f"sqlite:///{tmp_path}/ledger.sqlite") as service:
        run = service.submit(write_clips(service.clips, 40))
        assert service.wait_for_a_running_job(run)
        away = service.clips.with_name("away")
        service.clips.rename(away)
        wait_until(lambda: all_wait(service), 30)
        time.sleep(2)
        met = [job for job in service.jobs(run) if job.error_code]
        assert {job.error_code for job in met} == {"root_unavailable"}
        assert len(met) <= 2, "each worker has tried one and waits"

        away.rename(service.clips)
        jobs = service.drain(run)
        assert {job.state for job in jobs} == {JobState.COMPLETED}
        assert {job.attempt for job in jobs} == {1}


def all_wait(service: Service) -> bool:
    with service.store.unit_of_work() as uow:
        return bool(uow.jobs.list(states=[JobState.RETRYABLE])) and not service.running()
