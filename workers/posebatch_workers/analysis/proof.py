"""Is what looks like a flight a jump that can be measured, and if not, why?"""

from __future__ import annotations

import numpy as np

from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.motion import Motion
from posebatch_workers.analysis.scale import implied_stature_m

#: Statures that gravity may imply; outside, what fell was not an athlete on Earth. Of a clip that
#: is only supposed to be slowed, less is believed.
STATURES_M, STATURES_SLOWED_M = (1.0, 2.6), (1.3, 2.3)
#: A flight shorter than this (a height of 2.4 cm) is a step or a twitch of the tracker.
SHORTEST_SECONDS = 0.14
#: The trunk's apex may lie this share of the flight off the middle of the feet's events.
APEX_OFF_MIDDLE = 0.2
#: In the time before take-off, hips and toes come this much nearer to each other (3 cm).
PUSH_OFF_SECONDS, PUSH_OFF_PER_STATURE = 1.0, 0.02
#: Feet and trunk may tell flight times that are so far apart, in seconds or as a share of them.
MOST_APART_SECONDS, MOST_APART_SHARE = 0.08, 0.25
#: The trunk may leave its parabola by this share of the stature.
TRUNK_RESIDUAL_PER_STATURE = 0.02
#: Of the flight and its surroundings, what may be in holes that are too long to fill.
LOST_SHARE = 0.25
#: Landmarks nearer to the rim of the picture than this share of it are cut off or guessed.
RIM = 0.003
NOT_FREE_FALL = "something rose and fell, but not in free fall"
TOO_SHORT = "feet off the ground for too short a time"
CUT_SHORT = "the clip begins or ends in the air"
LOST, LEAVES = "athlete lost in the flight", "athlete leaves the picture"
NOT_TOLD = "feet rise, but neither they nor the trunk tell a flight"
#: What merely is no jump, as against a jump that is seen too badly.
MERELY_NO_JUMP = frozenset({NOT_FREE_FALL, TOO_SHORT})
#: What is said of a flight that is a jump in everything else.
SEEN_BADLY = frozenset({LOST, LEAVES})
#: What says nothing against another flight of the clip.
BESIDE_A_JUMP = MERELY_NO_JUMP | {NOT_TOLD}


def objection(motion: Motion, flight: Flight, slow_motion: float) -> str | None:
    """Why the flight is not believed, None if it is."""
    if flight.seconds < SHORTEST_SECONDS:
        return TOO_SHORT
    stature = implied_stature_m(motion, flight.fall.pull.px_s2)
    middle = (flight.takeoff_seconds + flight.landing_seconds) / 2
    smallest, tallest = STATURES_M if slow_motion == 1.0 else STATURES_SLOWED_M
    if not smallest < stature < tallest:
        return NOT_FREE_FALL
    if not shown_whole(motion, flight):
        return CUT_SHORT
    if abs(flight.fall.apex_seconds - middle) > APEX_OFF_MIDDLE * flight.seconds:
        return "feet and trunk do not fly together"
    if _disagrees(flight):
        return "feet and trunk do not fly equally long"
    if flight.fall.residual_px > TRUNK_RESIDUAL_PER_STATURE * motion.stature_px:
        return "the trunk does not follow a parabola"
    if _legs_stay_long(motion, flight):
        return "the whole body moves, but no leg pushes off"
    return _picture_objection(motion, flight)


def shown_whole(motion: Motion, flight: Flight) -> bool:
    """Whether both events lie within the clip."""
    return 0 <= flight.takeoff_seconds < flight.landing_seconds <= float(motion.seconds[-1])


def _legs_stay_long(motion: Motion, flight: Flight) -> bool:
    """Whether the hips are never nearer to the toes before the take-off than at it."""
    since = motion.at(flight.takeoff_seconds - PUSH_OFF_SECONDS)
    stretch_px = legs_stretch_px(motion, since, motion.at(flight.takeoff_seconds))
    return stretch_px < PUSH_OFF_PER_STATURE * motion.stature_px


def legs_stretch_px(motion: Motion, since: int, until: int) -> float:
    """By how much hips and toes are further apart at the last of these samples than where they are
    nearest, px."""
    toes = np.mean([motion.track(toe)[:, 1] for toe in motion.toe_nodes], axis=0)
    legs = (motion.middle("hip")[:, 1] - toes)[since : until + 1]
    return float(legs[-1] - legs.min())


def _disagrees(flight: Flight) -> bool:
    apart = flight.disagreement_seconds
    return apart is not None and apart > max(MOST_APART_SECONDS, MOST_APART_SHARE * flight.seconds)


def _picture_objection(motion: Motion, flight: Flight) -> str | None:
    around = slice(
        motion.at(flight.takeoff_seconds - 0.1), motion.at(flight.landing_seconds + 0.1) + 1
    )
    nodes = (*motion.toe_nodes, "left_hip", "right_hip")
    if motion.any_lost(*nodes)[around].mean() > LOST_SHARE:
        return LOST
    rows = [motion.nodes.index(node) for node in nodes]
    places = motion.smooth[around][:, rows]
    rim = RIM * motion.height
    outside = (-places[..., 1] > motion.height - rim) | (-places[..., 1] < rim)
    outside |= (places[..., 0] < rim) | (places[..., 0] > motion.width - rim)
    if np.any(outside.mean(axis=0) > 0.1):
        return LEAVES
    return None
