"""Between two batches: report progress, and hear whether this job is still ours to finish."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from posebatch_shared.errors import StaleClaim
from posebatch_workers.heartbeat import Heartbeat


class JobCancelled(Exception):
    """A person cancelled the job while it ran."""


class HandedBack(Exception):
    """The worker must stop, and the clip has had its grace time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Asked after every batch of frames; cheap, since the heartbeat's own thread talks to the
    ledger."""

    heart: Heartbeat
    stop_file: Path  #: appears when the worker is asked to stop
    grace_seconds: float

    def advance(self, frames_done: int, frames_total: int | None) -> None:
        """Note progress. Raises JobCancelled, StaleClaim, HandedBack."""
        self.heart.progress(frames_done, frames_total)
        beat = self.heart.last_beat
        if not beat.valid:
            raise StaleClaim("another worker has taken the job over")
        if beat.cancelled:
            raise JobCancelled
        if self._grace_is_over():
            raise HandedBack

    def _grace_is_over(self) -> bool:
        try:
            asked = self.stop_file.stat().st_mtime
        except FileNotFoundError:
            return False
        return time.time() - asked > self.grace_seconds
