"""What is wrong with the clip as a whole: named warnings for the people who read the numbers."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.flights import Window, foot_level
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

LOWEST_RATE_HZ = 23.5
LONGEST_LOST_SHARE = 0.1
OUTLIER_SHARE = 0.03
LEAST_VISIBILITY = 0.5
#: A body that moves as one piece faster than this (statures per second), outside flights, for
#: this share of the clip: the camera moves.
RIGID_SPEED, RIGID_SHARE = 0.05, 0.15
#: About 10 cm of an adult. On level ground trackers place feet up to 4 cm off after a jump.
OTHER_LEVEL_PER_STATURE = 0.06
#: In less between two flights the feet's level is not told.
LEAST_STAND_SECONDS = 0.25
#: Nobody's hips move faster than this (statures per second): somebody else took his place.
FASTEST_HIPS = 6.0


def warnings_of(motion: Motion, aloft: list[Window], flights: list[Flight]) -> list[str]:
    """Every caveat that holds, in words that stay the same. `aloft`: where the feet go up."""
    found = []
    if motion.rate_hz < LOWEST_RATE_HZ:
        found.append("frame rate below 24")
    if motion.lost_share > LONGEST_LOST_SHARE:
        found.append("athlete not seen in parts of the clip")
    if motion.outlier_share > OUTLIER_SHARE:
        found.append("tracking jumps")
    if motion.repeats:
        found.append("pictures are shown more than once")
    if motion.leaps:
        found.append("pictures are missing, and the time for them")
    if motion.feet_visibility() < LEAST_VISIBILITY:
        found.append("feet hardly visible")
    if _feet_outside(motion):
        found.append("feet out of the picture")
    if camera_moves(motion, aloft):
        found.append("camera moves")
    if swapped(motion):
        found.append("tracked person may have changed")
    if any(_lands_elsewhere(motion, flight, flights) for flight in flights):
        found.append("lands on another level")
    return found


def _lands_elsewhere(motion: Motion, flight: Flight, flights: list[Flight]) -> bool:
    """Whether the feet stand higher or lower after landing, as on a box: the numbers are then those
    of the same jump on level ground. Where jumps follow each other at once nobody stands."""
    takeoff, landing = flight.takeoff_seconds, flight.landing_seconds
    landed = max((f.landing_seconds for f in flights if f.landing_seconds < takeoff), default=0.0)
    leaves = min((f.takeoff_seconds for f in flights if f.takeoff_seconds > landing), default=inf)
    if takeoff - landed < LEAST_STAND_SECONDS or leaves - landing < LEAST_STAND_SECONDS:
        return False
    before = foot_level(motion, takeoff - 0.15, takeoff - 0.05)
    after = foot_level(motion, landing + 0.1, min(landing + 0.3, leaves - 0.05))
    return abs(after - before) > OTHER_LEVEL_PER_STATURE * motion.stature_px


def _feet_outside(motion: Motion) -> bool:
    rows = [motion.nodes.index(node) for node in motion.toe_nodes]
    down = -motion.smooth[:, rows, 1]
    return bool(np.mean(down > motion.height) > 0.02)


def camera_moves(motion: Motion, aloft: list[Window]) -> bool:
    """Whether all landmarks often move together, in one direction, while nobody flies."""
    velocity = np.gradient(motion.smooth, 1 / motion.rate_hz, axis=0) / motion.stature_px
    common = np.median(velocity, axis=1)
    apart = np.abs(velocity - common[:, None]).mean(axis=(1, 2))
    speed = np.linalg.norm(common, axis=1)
    rigid = (speed > RIGID_SPEED) & (apart < 0.35 * speed)
    for window in aloft:
        first, last = window.start_seconds - 0.15, window.end_seconds + 0.15
        rigid[motion.at(first) : motion.at(last) + 1] = False
    return bool(rigid.mean() > RIGID_SHARE)


def swapped(motion: Motion) -> bool:
    """Whether the hips jump from one place to another between two frames."""
    rows = [motion.nodes.index(f"{side}_hip") for side in ("left", "right")]
    hips = motion.measured[:, rows].mean(axis=1)
    known = np.isfinite(hips).all(axis=1)
    way = np.linalg.norm(np.diff(hips[known], axis=0), axis=1)
    elapsed = np.diff(motion.measured_seconds[known])
    reach = (0.08 + FASTEST_HIPS * elapsed) * motion.stature_px
    return bool(np.any(way > np.maximum(reach, 0.25 * motion.stature_px)))
