"""Take-off and landing between the frames, and the free fall of the trunk that checks them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.flights import Window
from posebatch_workers.analysis.kinks import Kink, kink
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: Standard gravity.
GRAVITY_M_S2 = 9.80665
TRUNK = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
#: What of the ground contact and of the flight takes part in the fit of an event.
ON_GROUND_SECONDS, IN_AIR_SECONDS = 0.10, 0.12
#: How far from the rough event the fine one may lie.
REACH_SECONDS = 0.08
#: The arms and legs still move against the trunk right after take-off and before landing.
TRUNK_MARGIN = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeFall:
    """The parabola of the trunk in the air, px and seconds."""

    apex_seconds: float
    gravity_px_s2: float
    residual_px: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One time in the air, in seconds from the clip's first frame."""

    takeoff: Kink
    landing: Kink
    fall: FreeFall

    @property
    def takeoff_seconds(self) -> float:
        """The feet's last contact."""
        return self.takeoff.seconds

    @property
    def landing_seconds(self) -> float:
        """The feet's first contact."""
        return self.landing.seconds

    @property
    def seconds(self) -> float:
        """Flight time."""
        return self.landing_seconds - self.takeoff_seconds

    @property
    def height_m(self) -> float:
        """Jump height g·t²/8 of a flight that starts and ends in the same pose (Bosco 1983)."""
        return GRAVITY_M_S2 * self.seconds**2 / 8


def fit(motion: Motion, window: Window) -> Flight | None:
    """The flight inside `window`; None where the feet or the trunk do not tell it."""
    start, end = float(motion.seconds[window.first]), float(motion.seconds[window.last])
    fall = free_fall(motion, start, end)
    if fall is None:
        return None
    takeoff = foot_event(motion, start, fall.gravity_px_s2, takes_off=True)
    landing = foot_event(motion, end, fall.gravity_px_s2, takes_off=False)
    if takeoff is None or landing is None or landing.seconds <= takeoff.seconds:
        return None
    again = free_fall(motion, takeoff.seconds, landing.seconds)
    return Flight(takeoff=takeoff, landing=landing, fall=again or fall)


def foot_event(
    motion: Motion, around: float, gravity_px_s2: float, *, takes_off: bool
) -> Kink | None:
    """Take-off, or landing, near the instant `around`, from the toes (or the ankles)."""
    before, after = ON_GROUND_SECONDS, IN_AIR_SECONDS
    if not takes_off:
        before, after = after, before
    seconds, height = between(motion, motion.toe_nodes, around - before, around + after)
    return kink(
        seconds,
        height,
        air_after=takes_off,
        gravity_px_s2=gravity_px_s2,
        around=around,
        reach_seconds=REACH_SECONDS,
    )


def between(
    motion: Motion, nodes: tuple[str, ...], start: float, end: float
) -> tuple[Array, Array]:
    """Times (M,) and mean measured heights (M,) of `nodes` in a stretch, without holes."""
    seconds, height = motion.measured_seconds, motion.measured_height(*nodes)
    inside = (seconds >= start) & (seconds <= end) & np.isfinite(height)
    return seconds[inside], height[inside]


def free_fall(motion: Motion, takeoff: float, landing: float) -> FreeFall | None:
    """The trunk's parabola between the events; None where it does not fall."""
    margin = TRUNK_MARGIN * (landing - takeoff)
    seconds, height = between(motion, TRUNK, takeoff + margin, landing - margin)
    if len(seconds) < 4:
        return None
    centre = (takeoff + landing) / 2
    bend, slope, level = (float(c) for c in np.polyfit(seconds - centre, height, 2))
    if bend >= 0:
        return None
    curve = np.polyval((bend, slope, level), seconds - centre)
    return FreeFall(
        apex_seconds=centre - slope / (2 * bend),
        gravity_px_s2=-2 * bend,
        residual_px=float(np.sqrt(np.mean((curve - height) ** 2))),
    )
