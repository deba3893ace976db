"""When did a point leave the ground that it stood on, or reach it: between the frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Step of the search; the minimum is refined by a parabola through its neighbours.
STEP_SECONDS = 0.002
FEWEST_SAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Kink:
    """The instant between rest and free fall, the speed there (px/s, up positive), how sure."""

    seconds: float
    speed_px_s: float
    ground_px: float
    sd_seconds: float
    residual_px: float


def kink(
    seconds: Array,
    height: Array,
    *,
    air_after: bool,
    gravity_px_s2: float,
    around: float,
    reach_seconds: float,
) -> Kink | None:
    """Fit `ground`, then `ground + speed·τ - g·τ²/2` for τ seconds into the air, to (M,) heights.

    For each instant on a fine grid ground and speed follow by linear least squares; the instant
    with the smallest residual wins. `air_after` False is a landing: the same, backwards in time.
    None where samples are too few or the fit runs to the edge of the search.
    """
    if len(seconds) < FEWEST_SAMPLES:
        return None
    way = 1.0 if air_after else -1.0
    grid = np.arange(around - reach_seconds, around + reach_seconds, STEP_SECONDS)
    ramp = np.maximum(0.0, way * (seconds - grid[:, None]))
    target = height + gravity_px_s2 * ramp**2 / 2
    ground, speed, squares = _lines(ramp, target)
    squares[speed <= 0] = np.inf
    best = int(np.argmin(squares))
    if best in (0, len(grid) - 1) or not np.isfinite(squares[best - 1 : best + 2]).all():
        return None
    before, here, after = squares[best - 1 : best + 2]
    bend = max(before - 2 * here + after, 1e-9)
    variance = here / max(1, len(seconds) - 3)
    return Kink(
        seconds=float(grid[best] + STEP_SECONDS * (before - after) / (2 * bend)),
        speed_px_s=float(way * speed[best]),
        ground_px=float(ground[best]),
        sd_seconds=float(STEP_SECONDS * np.sqrt(2 * variance / bend)),
        residual_px=float(np.sqrt(variance)),
    )


def _lines(ramp: Array, target: Array) -> tuple[Array, Array, Array]:
    """Least squares target ≈ ground + speed·ramp for each row of (G, M): three (G,)."""
    mean_ramp, mean_target = ramp.mean(axis=1), target.mean(axis=1)
    off_ramp, off_target = ramp - mean_ramp[:, None], target - mean_target[:, None]
    spread = np.maximum((off_ramp**2).sum(axis=1), 1e-12)
    speed = (off_ramp * off_target).sum(axis=1) / spread
    squares = ((off_target - speed[:, None] * off_ramp) ** 2).sum(axis=1)
    return mean_target - speed * mean_ramp, speed, squares
