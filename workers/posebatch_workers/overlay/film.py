"""How large the overlay's pictures are and how often they come."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

MAX_SIDE = 720
MAX_FPS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Size of the film's pictures, both sides even, and how many a second there are nominally."""

    width: int
    height: int
    fps: float


class Pace:
    """Picks a film's pictures, asked in any order: all of them up to 30 per second or so, of a
    faster clip every n-th or so, evenly."""

    def __init__(self, fps: float) -> None:
        step = max(1, round(fps / MAX_FPS))
        self.fps = fps / step  #: of the film, nominally
        self._apart_seconds = (step - 0.5) / fps if step > 1 else 0.0
        self._taken: list[float] = []

    def takes(self, pts_seconds: float) -> bool:
        """Whether the picture of this time is part of the film."""
        at = bisect_left(self._taken, pts_seconds)
        near = self._taken[max(0, at - 1) : at + 1]
        if any(abs(pts_seconds - other) < self._apart_seconds for other in near):
            return False
        self._taken.insert(at, pts_seconds)
        return True


def film_size(width: int, height: int) -> tuple[int, int]:
    """Even width and height, the longer side at most 720, never enlarged."""
    scale = min(1.0, MAX_SIDE / max(width, height))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)
