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
class Pull:
    """Gravity in the picture, and its standard deviation as far as the fit shows it."""

    px_s2: float
    sd_px_s2: float

    def weighed_with(self, other: Pull) -> Pull:
        """The mean of two independent statements, weighed by their variances."""
        weights = self.sd_px_s2**-2, other.sd_px_s2**-2
        return Pull(
            px_s2=(weights[0] * self.px_s2 + weights[1] * other.px_s2) / sum(weights),
            sd_px_s2=sum(weights) ** -0.5,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeFall:
    """When the body is at the top of its free fall, and how strongly it is pulled."""

    apex_seconds: float
    pull: Pull
    residual_px: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How long before or after the apex the feet are on the ground, if their heights show it."""

    from_apex_seconds: float
    known: bool


def contact(
    seconds: Array, height: Array, fall: FreeFall, *, near_seconds: float, reach_seconds: float
) -> Contact:
    """Fit "on the ground, else in the body's free fall" to heights of the feet (M,).

    The feet are at `ground + max(0, g/2·(r² - τ²))` where τ is the time from the apex: on the
    ground until they fly along the parabola that meets the ground r seconds from the apex. With
    apex and g known from the trunk, the ground follows by least squares for each r on a fine grid
    around `near_seconds`; the r with the smallest residual wins. Samples of one event give that
    event. If they are too few, or r runs to the rim of the search, it is not known.
    """
    unknown = Contact(from_apex_seconds=near_seconds, known=False)
    if len(seconds) < FEWEST_SAMPLES:
        return unknown
    first = max(0.03, near_seconds - reach_seconds)
    grid = np.arange(first, near_seconds + reach_seconds, STEP_SECONDS)
    fallen = (seconds - fall.apex_seconds) ** 2
    air = fall.pull.px_s2 / 2 * np.maximum(0.0, grid[:, None] ** 2 - fallen)
    ground = (height - air).mean(axis=1)
    squares = ((height - air - ground[:, None]) ** 2).sum(axis=1)
    best = int(np.argmin(squares))
    if best in (0, len(squares) - 1):
        return unknown
    offset = _refined(*squares[best - 1 : best + 2])
    return Contact(from_apex_seconds=float(grid[best]) + offset, known=True)


def _refined(before: float, here: float, after: float) -> float:
    """Offset of the true minimum from the middle one of three samples of it, seconds."""
    bend = max(before - 2 * here + after, 1e-9)
    return float(STEP_SECONDS * (before - after) / (2 * bend))
