"""Between two batches a job hears whether it may go on."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from posebatch_shared.errors import StaleClaim
from posebatch_shared.store.job_port import Beat
from posebatch_workers.watch import HandedBack, JobCancelled, Watch


class Heart:
    """A heartbeat whose last answer is given."""

    def __init__(self, last_beat: Beat) -> None:
        self.last_beat = last_beat
        self.told: list[tuple[int, int | None]] = []

    def progress(self, frames_done: int, frames_total: int | None) -> None:
        self.told.append((frames_done, frames_total))


def watch(beat: Beat, stop_file: Path) -> Watch:
    return Watch(heart=Heart(beat), stop_file=stop_file, grace_seconds=60)  # type: ignore[arg-type]


def test_progress_is_passed_on_while_nothing_is_asked(tmp_path: Path) -> None:
    watching = watch(Beat(valid=True), tmp_path / "stop")
    watching.advance(8, 90)
    assert watching.heart.told == [(8, 90)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("beat", "ends"),
    [(Beat(valid=False), StaleClaim), (Beat(valid=True, cancelled=True), JobCancelled)],
)
def test_what_the_ledger_says_ends_the_job(
    beat: Beat, ends: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(ends):
        watch(beat, tmp_path / "stop").advance(8, 90)


def test_a_worker_that_is_to_stop_has_its_grace_time(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    stop.touch()
    watching = watch(Beat(valid=True), stop)
    watching.advance(8, 90)
    os.utime(stop, (time.time() - 61,) * 2)
    with pytest.raises(HandedBack):
        watching.advance(16, 90)
