"""A long clip whose worker is killed goes on from its last checkpoint and ends the same."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from chaos.clips import write_clips
from chaos.invariants import check
from chaos.processes import wait_until
from chaos.service import Service
from posebatch_workers.owner import Owner

pytestmark = pytest.mark.chaos

RATE, SECONDS = 8, 80
FRAMES = RATE * SECONDS
AT_MOST_SECONDS_AGAIN = 30


def tracked(service: Service) -> int:
    """Frames that any process has tracked so far."""
    tally = service.control / "tracked"
    return tally.stat().st_size if tally.exists() else 0


def test_a_killed_long_clip_repeats_little_and_ends_the_same(
    tmp_path: Path, sqlite_url: str
) -> None:
    with Service(tmp_path / "service", sqlite_url, seconds_per_clip=4.0) as service:
        clips = write_clips(service.clips, 2, frames=FRAMES, rate=RATE)
        run = service.submit(clips[:1])
        job = service.wait_for_a_running_job(run)
        assert job is not None
        owner = Owner.parse(str(job.owner))
        assert owner is not None
        wait_until(lambda: tracked(service) > FRAMES / 2, 60)
        os.kill(owner.pid, signal.SIGKILL)
        (killed,) = service.drain(run)
        assert killed.crashes == 1
        assert FRAMES < tracked(service) <= FRAMES + AT_MOST_SECONDS_AGAIN * RATE
        assert list((service.home / "checkpoints").glob("*")) == []
        again = service.submit(clips, name="undisturbed")
        service.drain(again)
        check(service, again, {})
