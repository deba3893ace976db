"""One time in the air: take-off, landing and the free fall of the trunk between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.contacts import Contact, FreeFall, contact
from posebatch_workers.analysis.flights import Window
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: Standard gravity.
GRAVITY_M_S2 = 9.80665
TRUNK = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
#: What of the ground contact and of the flight takes part in the fit of an event. Longer, and the
#: rolling of the feet before take-off and after landing, or their bending in the air, counts.
ON_GROUND_SECONDS, IN_AIR_SECONDS = 0.06, 0.10
#: How far from the rough event the fine one may lie, round by round: each round knows better
#: which part of the trunk's way is flight, and which frames belong to the event.
REACHES_SECONDS = (0.14, 0.08, 0.06)
#: Arms and legs still move against the trunk right after take-off and before landing.
TRUNK_MARGIN = 0.08
#: Of each end of the flight, what is left out to see whether a foot flies with the trunk, and how
#: far it may stray from it.
FEET_MARGIN = 0.15
STRAY_PER_STATURE = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One time in the air, in seconds from the clip's first frame.

    sd_seconds is the standard deviation of the flight time, disagreement_seconds how far feet and
    trunk are apart about it (None if the trunk does not tell); `agreement` fills both in.
    """

    fall: FreeFall
    takeoff: Contact
    landing: Contact
    sd_seconds: float = float("inf")
    disagreement_seconds: float | None = None

    @property
    def takeoff_seconds(self) -> float:
        """The feet's last contact."""
        return self.fall.apex_seconds - self.takeoff.from_apex_seconds

    @property
    def landing_seconds(self) -> float:
        """The feet's first contact."""
        return self.fall.apex_seconds + self.landing.from_apex_seconds

    @property
    def seconds(self) -> float:
        """Flight time."""
        return self.takeoff.from_apex_seconds + self.landing.from_apex_seconds

    @property
    def fitted_sd_seconds(self) -> float:
        """Standard deviation of the flight time, as far as the fits show it."""
        return float(np.hypot(self.takeoff.sd_seconds, self.landing.sd_seconds))

    @property
    def height_m(self) -> float:
        """Jump height g·t²/8 of a flight that starts and ends in the same pose (Bosco 1983)."""
        return GRAVITY_M_S2 * self.seconds**2 / 8


def fit(motion: Motion, window: Window) -> Flight | None:
    """The flight inside `window`; None where the feet or the trunk do not tell it."""
    start, end = window.start_seconds, window.end_seconds
    flight = None
    for reach_seconds in REACHES_SECONDS:
        fall = free_fall(motion, start, end)
        flight = _flight(motion, fall, start, end, reach_seconds) if fall else None
        if flight is None:
            return None
        start, end = flight.takeoff_seconds, flight.landing_seconds
    return flight if flight and np.isfinite(flight.fitted_sd_seconds) else None


def _flight(
    motion: Motion, fall: FreeFall, start: float, end: float, reach_seconds: float
) -> Flight | None:
    toes = _flying_toes(motion, fall, start, end)
    takeoff, landing = (
        foot_contact(motion, toes, fall, around, reach_seconds) for around in (start, end)
    )
    if takeoff is None or landing is None:
        return None
    return Flight(fall=fall, takeoff=takeoff, landing=landing)


def _flying_toes(motion: Motion, fall: FreeFall, start: float, end: float) -> tuple[str, ...]:
    """The seen toes that fly with the trunk; others are guessed, or somebody else's."""
    margin = FEET_MARGIN * (end - start)
    strays = {}
    for toe in motion.all_toes:
        seconds, height = between(motion, (toe,), start + margin, end - margin)
        hangs = height + fall.gravity_px_s2 / 2 * (seconds - fall.apex_seconds) ** 2
        strays[toe] = float(np.std(hangs)) if len(hangs) > 2 else np.inf
    flying = [
        toe for toe in motion.toe_nodes if strays[toe] < STRAY_PER_STATURE * motion.stature_px
    ]
    return tuple(flying) or (min(strays, key=lambda toe: strays[toe]),)


def foot_contact(
    motion: Motion, toes: tuple[str, ...], fall: FreeFall, around: float, reach_seconds: float
) -> Contact | None:
    """Take-off (`around` before the apex) or landing (after it), from these toes."""
    before, after = ON_GROUND_SECONDS, IN_AIR_SECONDS
    if around > fall.apex_seconds:
        before, after = after, before
    seconds, height = between(motion, toes, around - before, around + after)
    near = abs(around - fall.apex_seconds)
    return contact(seconds, height, fall, near_seconds=near, reach_seconds=reach_seconds)


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
        apex_seconds=float(centre - slope / (2 * bend)),
        gravity_px_s2=-2 * bend,
        residual_px=float(np.sqrt(np.mean((curve - height) ** 2))),
    )


def fall_of_known_pull(
    motion: Motion, gravity_px_s2: float, start: float, end: float
) -> FreeFall | None:
    """The trunk's free fall between two instants where the pull is known from another flight."""
    seconds, height = between(motion, TRUNK, start, end)
    if len(seconds) < 3:
        return None
    middle = (start + end) / 2
    straight = height + gravity_px_s2 / 2 * (seconds - middle) ** 2
    slope, level = (float(c) for c in np.polyfit(seconds - middle, straight, 1))
    misses = straight - np.polyval((slope, level), seconds - middle)
    return FreeFall(
        apex_seconds=float(middle + slope / gravity_px_s2),
        gravity_px_s2=gravity_px_s2,
        residual_px=float(np.sqrt(np.mean(misses**2))),
    )
