"""Did the athlete come down from a box before this jump, and when did he touch the ground?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.bias import TrackerBias
from posebatch_workers.analysis.events import (
    UPPER_BODY,
    Flight,
    fall_of_known_pull,
    foot_contact,
)
from posebatch_workers.analysis.flights import LEAST_BOX_PER_STATURE, begins_in_the_air
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: A longer stay on the ground is a jump from standing, not a drop jump.
LONGEST_CONTACT_SECONDS = 1.0
#: What is still ground, in statures.
GROUND_PER_STATURE = 0.035
#: Feet that come down from a box are this fast (statures per second); feet that only seem to sink,
#: because the tracker errs when the legs bend, are slower.
LEAST_SPEED = 0.45
#: How long before the touchdown the athlete is looked for on the box, and surely falls.
BOX_SECONDS, FALL_SECONDS, FALL_FRAMES = 1.6, 0.12, 4
#: The feet are already rising in this last part of the contact.
LEAVING_SECONDS = 0.06
#: How far from the rough touchdown the fine one may lie.
REACH_SECONDS = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A way down from a box: when it began, the touchdown, and how high the box is in pixels (None
    if the clip begins after the feet have left it)."""

    left_box_seconds: float
    touchdown_seconds: float
    box_height_px: float | None


def drop_before(
    motion: Motion, flight: Flight, earlier_landing: float, bias: TrackerBias
) -> Drop | None:
    """The drop that this flight's ground contact ends, None for a jump from standing."""
    feet = motion.low_foot
    takeoff = motion.at(flight.takeoff_seconds)
    ground = float(feet[motion.at(flight.takeoff_seconds - 0.3) : takeoff + 1].min())
    arrival = _arrival(motion, feet, ground, flight.takeoff_seconds, earlier_landing)
    if arrival is None:
        return None
    arrives = float(motion.seconds[arrival])
    on_box = slice(motion.at(max(earlier_landing, arrives - BOX_SECONDS)), arrival + 1)
    way = feet[on_box] - ground
    box = float(np.percentile(way, 70))
    if box < LEAST_BOX_PER_STATURE * motion.stature_px or not _falls_fast(motion, way):
        return None
    touchdown = _touchdown(motion, flight, arrives)
    if touchdown is None or touchdown >= flight.takeoff_seconds:
        return None
    left = on_box.start + int(np.flatnonzero(way > 0.85 * box)[-1])
    drop = Drop(
        left_box_seconds=float(motion.seconds[left]),
        touchdown_seconds=touchdown - bias.touchdown_seconds,
        box_height_px=None if on_box.start == 0 and begins_in_the_air(motion) else box,
    )
    return drop if drop.left_box_seconds < drop.touchdown_seconds else None


def _arrival(
    motion: Motion, feet: Array, ground: float, takeoff: float, earlier_landing: float
) -> int | None:
    """Last sample before the take-off at which the feet still come down, None if they never do."""
    first = motion.at(max(earlier_landing, takeoff - LONGEST_CONTACT_SECONDS))
    last = motion.at(takeoff - LEAVING_SECONDS)
    high = np.flatnonzero(feet[first:last] > ground + GROUND_PER_STATURE * motion.stature_px)
    return first + int(high[-1]) if len(high) else None


def _falls_fast(motion: Motion, way: Array) -> bool:
    if len(way) < 3:
        return False
    speed = -np.gradient(way, 1 / motion.rate_hz)[-round(0.25 * motion.rate_hz) :].min()
    return bool(speed > LEAST_SPEED * motion.stature_px)


def _touchdown(motion: Motion, flight: Flight, arrives: float) -> float | None:
    """The first contact after the fall, in two rounds: the second knows where the fall ends."""
    touchdown = arrives
    for _ in range(2):
        since = touchdown - max(FALL_SECONDS, FALL_FRAMES / motion.rate_hz)
        falling = motion.between(UPPER_BODY, since, touchdown)
        fall = fall_of_known_pull(*falling, flight.fall.pull)
        if fall is None or fall.apex_seconds >= touchdown:
            return None
        contact = foot_contact(motion, motion.toe_nodes, fall, touchdown, REACH_SECONDS)
        if not contact.known:
            return None
        touchdown = fall.apex_seconds + contact.from_apex_seconds
    return touchdown
