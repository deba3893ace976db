"""One time in the air: take-off, landing and the free fall of the trunk between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.contacts import Contact, FreeFall, Pull, contact
from posebatch_workers.analysis.flights import Window
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: Standard gravity.
GRAVITY_M_S2 = 9.80665
#: What is seen best of the body that falls: hips and hanging arms stray more from its parabola.
UPPER_BODY = ("nose", "left_shoulder", "right_shoulder")
#: What of the ground contact and of the flight takes part in the fit of an event. Longer, and the
#: rolling of the feet before take-off and after landing, or their bending in the air, counts.
ON_GROUND_SECONDS, IN_AIR_SECONDS = 0.06, 0.10
#: How far from the rough event the fine one may lie, round by round: each round knows better
#: which part of the trunk's way is flight, and which frames belong to the event.
REACHES_SECONDS = (0.14, 0.08, 0.06)
#: Arms and legs still move against the trunk right after take-off and before landing.
TRUNK_MARGIN = 0.02
#: Samples that a parabola needs, without and with a known bend.
FEWEST_IN_FALL, FEWEST_OF_KNOWN_PULL = 5, 3
#: A tracker's errors last for some frames, so that gravity is this much less sure than it seems.
LASTING = 2.5
#: Of each end of the flight, what is left out to see whether a foot flies with the trunk, and how
#: far it may stray from it.
FEET_MARGIN = 0.15
STRAY_PER_STATURE = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One time in the air, in seconds from the clip's first frame.

    takeoff and landing are what the toes' kinks tell; rising_seconds and falling_seconds, from
    take-off to apex and from there to landing, are at first the same. `agreement` weighs in what
    else is known, and adds the standard deviation of the flight time and how far feet and upper
    body are apart about it (None if the latter does not tell).
    """

    fall: FreeFall
    takeoff: Contact
    landing: Contact
    rising_seconds: float
    falling_seconds: float
    sd_seconds: float = float("inf")
    disagreement_seconds: float | None = None

    @property
    def takeoff_seconds(self) -> float:
        """The feet's last contact."""
        return self.fall.apex_seconds - self.rising_seconds

    @property
    def landing_seconds(self) -> float:
        """The feet's first contact."""
        return self.fall.apex_seconds + self.falling_seconds

    @property
    def seconds(self) -> float:
        """Flight time."""
        return self.rising_seconds + self.falling_seconds

    @property
    def height_m(self) -> float:
        """Jump height g·t²/8 of a flight that starts and ends in the same pose (Bosco 1983)."""
        return GRAVITY_M_S2 * self.seconds**2 / 8


def fit(motion: Motion, window: Window, pull: Pull | None = None) -> Flight | None:
    """The flight inside `window`; None where the feet or the trunk do not tell it.

    `pull` is gravity where other flights tell it better than this one alone.
    """
    start, end = window.start_seconds, window.end_seconds
    flight = None
    for reach_seconds in REACHES_SECONDS:
        fall = free_fall(motion, start, end, pull)
        flight = _flight(motion, fall, start, end, reach_seconds) if fall else None
        if flight is None:
            return None
        start, end = flight.takeoff_seconds, flight.landing_seconds
    return flight


def _flight(
    motion: Motion, fall: FreeFall, start: float, end: float, reach_seconds: float
) -> Flight | None:
    toes = _flying_toes(motion, fall, start, end)
    takeoff, landing = (
        foot_contact(motion, toes, fall, around, reach_seconds) for around in (start, end)
    )
    if not (takeoff.known or landing.known):
        return None
    return Flight(
        fall=fall,
        takeoff=takeoff,
        landing=landing,
        rising_seconds=takeoff.from_apex_seconds,
        falling_seconds=landing.from_apex_seconds,
    )


def _flying_toes(motion: Motion, fall: FreeFall, start: float, end: float) -> tuple[str, ...]:
    """The seen toes that fly with the trunk; others are guessed, or somebody else's."""
    margin = FEET_MARGIN * (end - start)
    strays = {}
    for toe in motion.all_toes:
        seconds, height = motion.between((toe,), start + margin, end - margin)
        hangs = height + fall.pull.px_s2 / 2 * (seconds - fall.apex_seconds) ** 2
        strays[toe] = float(np.std(hangs)) if len(hangs) > 2 else np.inf
    flying = [
        toe for toe in motion.toe_nodes if strays[toe] < STRAY_PER_STATURE * motion.stature_px
    ]
    return tuple(flying) or (min(strays, key=lambda toe: strays[toe]),)


def foot_contact(
    motion: Motion, toes: tuple[str, ...], fall: FreeFall, around: float, reach_seconds: float
) -> Contact:
    """Take-off (`around` before the apex) or landing (after it), from these toes."""
    before, after = ON_GROUND_SECONDS, IN_AIR_SECONDS
    if around > fall.apex_seconds:
        before, after = after, before
    seconds, height = motion.between(toes, around - before, around + after)
    near = abs(around - fall.apex_seconds)
    return contact(seconds, height, fall, near_seconds=near, reach_seconds=reach_seconds)


def free_fall(
    motion: Motion, takeoff: float, landing: float, pull: Pull | None = None
) -> FreeFall | None:
    """The trunk's parabola between the events; None where it does not fall."""
    margin = TRUNK_MARGIN * (landing - takeoff)
    seconds, height = motion.between(UPPER_BODY, takeoff + margin, landing - margin)
    if pull is not None:
        return fall_of_known_pull(seconds, height, pull)
    if len(seconds) < FEWEST_IN_FALL:
        return None
    centre = float(seconds.mean())
    bend, slope, level = (float(c) for c in np.polyfit(seconds - centre, height, 2))
    if bend >= 0:
        return None
    misses = height - np.polyval((bend, slope, level), seconds - centre)
    # The variance of a parabola's bend, from evenly spaced samples of white noise.
    variance = np.sum(misses**2) / (len(misses) - 3) * 180 / len(misses)
    bend_sd = LASTING * float(np.sqrt(variance)) / float(np.ptp(seconds)) ** 2
    return FreeFall(
        apex_seconds=centre - slope / (2 * bend),
        pull=Pull(px_s2=-2 * bend, sd_px_s2=2 * bend_sd),
        residual_px=float(np.sqrt(np.mean(misses**2))),
    )


def fall_of_known_pull(seconds: Array, height: Array, pull: Pull) -> FreeFall | None:
    """The free fall through these heights (M,) where the pull is known from elsewhere."""
    if len(seconds) < FEWEST_OF_KNOWN_PULL:
        return None
    middle = float(seconds.mean())
    straight = height + pull.px_s2 / 2 * (seconds - middle) ** 2
    slope = slope_of(seconds, straight)
    misses = straight - straight.mean() - slope * (seconds - middle)
    return FreeFall(
        apex_seconds=middle + slope / pull.px_s2,
        pull=pull,
        residual_px=float(np.sqrt(np.mean(misses**2))),
    )


def slope_of(seconds: Array, height: Array) -> float:
    """Slope of the line through heights (M,), by least squares."""
    centred = seconds - seconds.mean()
    return float(centred @ height / (centred @ centred))
