"""Take-off and landing between the frames: a piecewise ballistic curve fitted to the feet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from posebatch_workers.analysis.flights import GRAVITY_M_S2, Window
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: Ground contact on both sides of the flight that takes part in the fit.
SHOULDER_SECONDS = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One time in the air, in seconds from the clip's first frame, with what speaks for it.

    hip_gravity_px_s2 is the downward acceleration of the hips in the air, NaN where it cannot be
    fitted; hip_residual_px how far they are from that parabola; foot_residual_px the feet's.
    """

    takeoff_seconds: float
    landing_seconds: float
    event_sd_seconds: float
    apex_seconds: float
    hip_gravity_px_s2: float
    hip_residual_px: float
    foot_residual_px: float

    @property
    def seconds(self) -> float:
        """Flight time."""
        return self.landing_seconds - self.takeoff_seconds

    @property
    def height_m(self) -> float:
        """Jump height g·t²/8 of a flight that starts and ends in the same pose (Bosco 1983)."""
        return GRAVITY_M_S2 * self.seconds**2 / 8


def fit(motion: Motion, window: Window) -> Flight | None:
    """The flight inside `window`, None where too few samples are left to fit it."""
    toes = ("left_foot_index", "right_foot_index")
    nodes = toes if toes[0] in motion.nodes else ("left_ankle", "right_ankle")
    start, end = motion.seconds[window.first], motion.seconds[window.last]
    seconds, height = _between(motion, nodes, start - SHOULDER_SECONDS, end + SHOULDER_SECONDS)
    if len(seconds) < 8:
        return None
    guess = np.array([start, end, 4 * window.rise_px / (end - start) ** 2, height[0], height[-1]])

    def misses(parameters: Array) -> Array:
        return feet_height(seconds, *parameters) - height

    solution = optimize.least_squares(
        misses,
        guess,
        x_scale=np.array([0.01, 0.01, guess[2], 1.0, 1.0]),
        loss="soft_l1",
        f_scale=max(1.0, 0.01 * motion.stature_px),
    )
    takeoff, landing = float(solution.x[0]), float(solution.x[1])
    if not start - SHOULDER_SECONDS < takeoff < landing < end + SHOULDER_SECONDS:
        return None
    residual = float(np.sqrt(np.mean((feet_height(seconds, *solution.x) - height) ** 2)))
    apex, gravity, hip_residual = _free_fall(motion, takeoff, landing)
    return Flight(
        takeoff_seconds=takeoff,
        landing_seconds=landing,
        event_sd_seconds=_event_sd(np.asarray(solution.jac), residual),
        apex_seconds=apex,
        hip_gravity_px_s2=gravity,
        hip_residual_px=hip_residual,
        foot_residual_px=residual,
    )


def feet_height(
    seconds: Array, takeoff: float, landing: float, bend: float, before: float, after: float
) -> Array:
    """Height of the feet: on the ground, in free fall of curvature `bend` px/s², on the ground."""
    share = np.clip((seconds - takeoff) / max(landing - takeoff, 1e-3), 0.0, 1.0)
    flight = (landing - takeoff) ** 2 * share * (1 - share)
    return np.asarray(before + (after - before) * share + bend * flight, dtype=np.float64)


def _between(
    motion: Motion, nodes: tuple[str, ...], start: float, end: float
) -> tuple[Array, Array]:
    seconds, height = motion.measured_seconds, motion.measured_height(*nodes)
    inside = (seconds >= start) & (seconds <= end) & np.isfinite(height)
    return seconds[inside], height[inside]


def _event_sd(jacobian: Array, residual: float) -> float:
    covariance = np.linalg.pinv(jacobian.T @ jacobian) * residual**2
    return float(np.sqrt(max(0.0, (covariance[0, 0] + covariance[1, 1]) / 2)))


def _free_fall(motion: Motion, takeoff: float, landing: float) -> tuple[float, float, float]:
    """Apex time, downward acceleration and residual of the hips' parabola between the events."""
    margin = 0.08 * (landing - takeoff)
    hips = ("left_hip", "right_hip")
    seconds, height = _between(motion, hips, takeoff + margin, landing - margin)
    if len(seconds) < 5:
        return float("nan"), float("nan"), float("nan")
    centre = (takeoff + landing) / 2
    bend, slope, level = (float(c) for c in np.polyfit(seconds - centre, height, 2))
    curve = np.polyval((bend, slope, level), seconds - centre)
    residual = float(np.sqrt(np.mean((curve - height) ** 2)))
    if bend >= 0:
        return float("nan"), -2 * bend, residual
    return centre - slope / (2 * bend), -2 * bend, residual
