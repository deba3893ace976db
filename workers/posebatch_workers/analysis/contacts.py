"""When did the feet leave the ground, or reach it: between the frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Step of the search; the minimum is refined by a parabola through its neighbours.
STEP_SECONDS = 0.002
FEWEST_SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeFall:
    """Where the body is at the top of its free fall, and how strongly it is pulled, px and s."""

    apex_seconds: float
    gravity_px_s2: float
    residual_px: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How long before or after the apex the feet are on the ground, and how sure that is."""

    from_apex_seconds: float
    ground_px: float
    sd_seconds: float
    residual_px: float


def contact(
    seconds: Array, height: Array, fall: FreeFall, *, near_seconds: float, reach_seconds: float
) -> Contact | None:
    """Fit "on the ground, else in the body's free fall" to heights of the feet (M,).

    The feet are at `ground + max(0, g/2·(r² - τ²))` where τ is the time from the apex: on the
    ground until they fly along the parabola that meets the ground r seconds from the apex. With
    apex and g known from the trunk, the ground follows by least squares for each r on a fine grid
    around `near_seconds`; the r with the smallest residual wins. Samples of one event give that
    event. None if samples are too few; an infinite sd if r runs to the rim of the search.
    """
    if len(seconds) < FEWEST_SAMPLES:
        return None
    first = max(0.03, near_seconds - reach_seconds)
    grid = np.arange(first, near_seconds + reach_seconds, STEP_SECONDS)
    fallen = (seconds - fall.apex_seconds) ** 2
    air = fall.gravity_px_s2 / 2 * np.maximum(0.0, grid[:, None] ** 2 - fallen)
    ground = (height - air).mean(axis=1)
    squares = ((height - air - ground[:, None]) ** 2).sum(axis=1)
    best = int(np.argmin(squares))
    offset, sd = _refined(squares, best, max(1, len(seconds) - 2))
    return Contact(
        from_apex_seconds=float(grid[best]) + offset,
        ground_px=float(ground[best]),
        sd_seconds=sd,
        residual_px=float(np.sqrt(squares[best] / max(1, len(seconds) - 2))),
    )


def _refined(squares: Array, best: int, freedom: int) -> tuple[float, float]:
    """Offset of the true minimum from the grid's, and its standard deviation, both in seconds."""
    if best in (0, len(squares) - 1):
        return 0.0, float("inf")
    before, here, after = squares[best - 1 : best + 2]
    bend = max(before - 2 * here + after, 1e-9)
    offset = STEP_SECONDS * (before - after) / (2 * bend)
    return float(offset), float(STEP_SECONDS * np.sqrt(2 * here / freedom / bend))
