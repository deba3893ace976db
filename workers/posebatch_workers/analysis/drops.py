"""Did the athlete come down from a box before this jump, and when did he touch the ground?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.events import Flight, fall_of_known_pull, foot_contact
from posebatch_workers.analysis.flights import low_foot
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: A longer stay on the ground is a jump from standing, not a drop jump.
LONGEST_CONTACT_SECONDS = 1.0
#: The lowest box that counts (about 12 cm), and what is still ground, in statures.
LEAST_BOX_PER_STATURE = 0.07
GROUND_PER_STATURE = 0.035
#: Feet that come down from a box are this fast (statures per second); feet that only seem to sink,
#: because the tracker errs when the legs bend, are slower.
LEAST_SPEED = 0.7
#: How long before the touchdown the athlete is looked for on the box.
BOX_SECONDS = 1.6
#: How far from the rough touchdown the fine one may lie.
REACH_SECONDS = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A way down from a box: when it began, the touchdown, and how high the box is in pixels."""

    left_box_seconds: float
    touchdown_seconds: float
    touchdown_sd_seconds: float
    box_height_px: float


def drop_before(motion: Motion, flight: Flight, earlier_landing: float) -> Drop | None:
    """The drop that this flight's ground contact ends, None for a jump from standing."""
    feet = low_foot(motion)
    takeoff = motion.at(flight.takeoff_seconds)
    first = motion.at(max(earlier_landing, flight.takeoff_seconds - LONGEST_CONTACT_SECONDS))
    if takeoff - first < 3:
        return None
    ground = float(feet[max(first, motion.at(flight.takeoff_seconds - 0.3)) : takeoff].min())
    off_ground = feet[first:takeoff] > ground + GROUND_PER_STATURE * motion.stature_px
    rough_leave = max(1, round(0.06 * motion.rate_hz))
    falling = np.flatnonzero(off_ground[:-rough_leave])
    if not len(falling):
        return None
    return _drop(motion, flight, feet, ground, first + int(falling[-1]), earlier_landing)


def _drop(
    motion: Motion,
    flight: Flight,
    feet: Array,
    ground: float,
    arrival: int,
    earlier_landing: float,
) -> Drop | None:
    arrives = float(motion.seconds[arrival])
    on_box = slice(motion.at(max(earlier_landing, arrives - BOX_SECONDS)), arrival + 1)
    box = float(np.percentile(feet[on_box], 70)) - ground
    speed = -np.gradient(feet[on_box], 1 / motion.rate_hz)[-round(0.25 * motion.rate_hz) :].min()
    if box < LEAST_BOX_PER_STATURE * motion.stature_px or speed < LEAST_SPEED * motion.stature_px:
        return None
    high = np.flatnonzero(feet[on_box] > ground + 0.85 * box)
    left_box = float(motion.seconds[on_box.start + int(high[-1])])
    fall = fall_of_known_pull(motion, flight.fall.gravity_px_s2, left_box, arrives)
    touchdown = (
        foot_contact(motion, motion.toe_nodes, fall, arrives, REACH_SECONDS) if fall else None
    )
    if fall is None or touchdown is None:
        return None
    return Drop(
        left_box_seconds=left_box,
        touchdown_seconds=fall.apex_seconds + touchdown.from_apex_seconds,
        touchdown_sd_seconds=touchdown.sd_seconds,
        box_height_px=box,
    )
