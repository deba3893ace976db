"""What does each part of the body tell about take-off and landing?

Every part is at a known height over where it is in standing when the toes leave the ground or
reach it: the rise on tiptoe, plus what the tracker errs there. Its free fall tells when it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_opening

from posebatch_workers.analysis.bias import Witness
from posebatch_workers.analysis.events import TRUNK_MARGIN, UPPER_BODY, Flight, slope_of
from posebatch_workers.analysis.flights import Window, foot_level
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: The toes' kink is found by `events`; the other parts have landmarks.
KINK = "kink"
#: Feet this near (in statures) to where they are before take-off stand on the same ground.
SAME_GROUND_PER_STATURE = 0.04
#: The upper body stands at this percentile of its heights over that ground, give or take so much.
STANDING_PERCENTILE, STANDING_PER_STATURE = 90, 0.015
LEAST_STANDING_SECONDS = 0.2
#: Nobody stands so shortly before the feet are off that ground, and after; noise is not off it.
GOING_SECONDS, COMING_SECONDS, LEAST_AWAY_SECONDS = 0.15, 0.08, 0.1
#: Who is shorter than this share of himself at take-off crouches, as after a fall from a box.
UPRIGHT_SHARE = 0.94
#: The legs stretch and are gathered in flight, so that a foot tells about an event while it is so
#: near to it.
NEAR_SECONDS = 0.12
#: The legs are gathered in this time before landing; statures per second, where too few frames
#: tell.
GATHERING_SECONDS, USUAL_GATHERING_PER_STATURE, FEWEST_OF_GATHERING = 0.14, 0.09, 4
#: A part that does not rise over its height at the event flew for no time, not for a negative one.
LEAST_RISE_PX = 1.0


def flew(
    motion: Motion, flight: Flight, witnesses: Sequence[Witness], standing: Mask, *, landing: bool
) -> Array:
    """(W,) seconds between the apex and the event as each witness tells it, NaN where it cannot."""
    side = motion.from_the_side
    contact = flight.landing if landing else flight.takeoff
    heights = heights_at_apex(motion, flight, landing=landing)
    gathered = gathering_px_s(motion, flight) if landing else 0.0
    pull = flight.fall.pull.px_s2
    told = []
    for witness in witnesses:
        bias, lower = witness.side if side else witness.front, witness.gathered_seconds * gathered
        if witness.part == KINK:
            late = bias - lower / (pull * contact.from_apex_seconds)
            told.append(contact.from_apex_seconds - late if contact.known else np.nan)
            continue
        rise = heights[witness.part] - stands_at(motion, witness.part, standing)
        rise -= bias * motion.stature_px - lower
        told.append(np.sqrt(2 * np.maximum(rise, LEAST_RISE_PX) / pull))
    return np.array(told, dtype=np.float64)


def parts(motion: Motion) -> Mapping[str, tuple[str, ...]]:
    """The landmarks of each part; of the ankles, those that the tracker sees."""
    ankles = tuple(f"{side}_ankle" for side in motion.sides)
    return {"nose": UPPER_BODY[:1], "shoulder": UPPER_BODY[1:], "ankle": ankles}


def heights_at_apex(motion: Motion, flight: Flight, *, landing: bool) -> dict[str, float]:
    """Height of each part, px, at the apex of the free fall that it is on near one event."""
    start, end = flight.takeoff_seconds, flight.landing_seconds
    margin = TRUNK_MARGIN * flight.seconds
    near = (end - NEAR_SECONDS, end - margin) if landing else (start + margin, start + NEAR_SECONDS)
    spans = {"ankle": near}
    found = {}
    for part, nodes in parts(motion).items():
        _, lifted = _lifted(motion, flight, nodes, *spans.get(part, (start + margin, end - margin)))
        found[part] = float(lifted.mean()) if len(lifted) else float("nan")
    return found


def gathering_px_s(motion: Motion, flight: Flight) -> float:
    """How fast the ankles come nearer to the body, which falls freely, just before landing."""
    landing = flight.landing_seconds
    ankles = parts(motion)["ankle"]
    seconds, lifted = _lifted(motion, flight, ankles, landing - GATHERING_SECONDS, landing)
    if len(seconds) < FEWEST_OF_GATHERING:
        return USUAL_GATHERING_PER_STATURE * motion.stature_px
    return slope_of(seconds, lifted)


def _lifted(
    motion: Motion, flight: Flight, nodes: tuple[str, ...], start: float, end: float
) -> tuple[Array, Array]:
    """Times (M,) and heights (M,) of `nodes`, with the way that gravity pulled them added."""
    seconds, height = motion.between(nodes, start, end)
    fall = flight.fall
    return seconds, height + fall.pull.px_s2 / 2 * (seconds - fall.apex_seconds) ** 2


def stands_at(motion: Motion, part: str, standing: Mask) -> float:
    """Height of a part, px, while the athlete stands, NaN if he never does."""
    if not standing.any():
        return float("nan")
    heights = np.mean([motion.track(node)[:, 1] for node in parts(motion)[part]], axis=0)
    return float(np.median(heights[standing]))


def standing(motion: Motion, flight: Flight, aloft: Sequence[Window]) -> Mask:
    """(N,) where the athlete stands upright on the ground that he jumps from."""
    feet = motion.low_foot
    upper = np.mean([motion.track(node)[:, 1] for node in UPPER_BODY], axis=0)
    takeoff = flight.takeoff_seconds
    ground = foot_level(motion, takeoff - 0.15, takeoff - 0.05)
    away = np.abs(feet - ground) >= SAME_GROUND_PER_STATURE * motion.stature_px
    # In a hole the body lies on a line between two places, as if it stood there.
    lost = motion.any_lost(*UPPER_BODY, *motion.foot_nodes)
    there = ~(_around(away, motion.rate_hz) | lost)
    there[motion.at(takeoff - 0.12) : motion.at(flight.landing_seconds + 0.05)] = False
    for window in aloft:  # of low jumps in a row the feet are hardly away
        until = motion.at(window.end_seconds + COMING_SECONDS)
        there[motion.at(window.start_seconds - GOING_SECONDS) : until] = False
    if (there & _upright(motion, takeoff)).sum() < LEAST_STANDING_SECONDS * motion.rate_hz:
        return np.zeros_like(there)
    stature = np.percentile(upper[there], STANDING_PERCENTILE)
    return np.asarray(
        there & (upper > stature - STANDING_PER_STATURE * motion.stature_px), dtype=np.bool_
    )


def _around(away: Mask, rate_hz: float) -> Mask:
    """(N,) where the athlete is elsewhere or in the air, or goes or comes: he may be on tiptoe."""
    going, coming = (round(seconds * rate_hz) for seconds in (GOING_SECONDS, COMING_SECONDS))
    lasting = binary_opening(away, np.ones(round(LEAST_AWAY_SECONDS * rate_hz) + 1, np.bool_))
    near = np.convolve(lasting, np.ones(going + 1 + coming))[going : going + len(away)]
    return np.asarray(away | (near > 0.5), dtype=np.bool_)


def _upright(motion: Motion, takeoff: float) -> Mask:
    """(N,) where the athlete is about as tall as at take-off, on tiptoe."""
    stretched = motion.tall_px[motion.at(takeoff - 0.1) : motion.at(takeoff) + 1].max()
    return np.asarray(motion.tall_px > UPRIGHT_SHARE * stretched, dtype=np.bool_)
