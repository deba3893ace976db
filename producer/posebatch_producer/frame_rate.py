"""How fast a run has been since its first frame."""

from __future__ import annotations

import time

#: Over less than this there is no rate.
LEAST_SECONDS = 0.25


class FrameRate:
    """Frames per second since work began."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None
        self._last = (0.0, 0)

    def update(self, frames: int) -> float:
        """Frames per second from the first frame seen until now."""
        self._last = (time.monotonic(), frames)
        if self._first is None and frames:
            self._first = self._last
        return self._per_second()

    def _per_second(self) -> float:
        if self._first is None or self._last[0] - self._first[0] < LEAST_SECONDS:
            return 0.0
        frames = max(0, self._last[1] - self._first[1])  # attempts that fail take theirs back
        return frames / (self._last[0] - self._first[0])
