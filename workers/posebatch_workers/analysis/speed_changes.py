"""Does a clip's speed change on the way, as where a phone slows down a part of it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.events import UPPER_BODY, Flight
from posebatch_workers.analysis.flights import Window, hills
from posebatch_workers.analysis.motion import Motion
from posebatch_workers.analysis.phases import Course
from posebatch_workers.analysis.proof import PUSH_OFF_PER_STATURE, STATURES_M, legs_stretch_px
from posebatch_workers.analysis.scale import SLOW_MOTIONS, implied_stature_m

Array = NDArray[np.float64]

IN_THE_AIR = "the clip's speed changes while the athlete is in the air"
ANOTHER = "a jump plays at another speed and is left out: give the slow motion"
BEFORE_THE_JUMP = "the clip's speed changes before the jump"
#: Feet that rise less than this share of the stature tell nothing of how they rise and fall.
LEAST_RISE_PER_STATURE = 0.05
#: The pulls on both sides of the top are so many times apart.
LEAST_PULLS_APART = 1.8
#: What falls freely: for so many frames the upper body strays from a parabola by less than that
#: share of the stature; in fewer frames a parabola is less of a proof.
FREE_FALLS = ((12, 0.01), (6, 0.0055))
#: The feet stray from the body's fall by less than this; those of somebody who steps stand still.
#: And the body falls by this share of what the feet do: it is hardly lower where they step down.
FEET_STRAY_PER_STATURE, LEAST_OF_FEET = 0.02, 0.7
#: Less of a fall than this tells no pull.
FEWEST_SAMPLES = 4
#: Squared speed of sinking hips against that of a free fall as deep; where they have sunk less than
#: this share of the stature, the tracker's noise tells.
FASTEST_SINKING, LEAST_DEPTH_PER_STATURE = 1.5, 0.02


def elsewhere(motion: Motion, flights: Sequence[Flight]) -> Iterator[tuple[Window, str]]:
    """Where else both feet rise in a fall, but in part or wholly at another speed of play, and in
    words which of the two it is."""
    for left, _, right in hills(motion.low_foot, LEAST_RISE_PER_STATURE * motion.stature_px):
        start, end = left / motion.rate_hz, right / motion.rate_hz
        if any(
            flight.takeoff_seconds < end and start < flight.landing_seconds for flight in flights
        ):
            continue
        words = _of_hill(motion, left, right)
        if words:
            yield Window(start_seconds=start, end_seconds=end), words


def _of_hill(motion: Motion, left: int, right: int) -> str | None:
    rows = [motion.nodes.index(node) for node in UPPER_BODY]
    body = motion.smooth[:, rows, 1].mean(axis=1)
    feet = motion.low_foot
    rise = feet[left : right + 1]
    high = left + np.flatnonzero(rise > (rise.max() + max(rise[0], rise[-1])) / 2)
    top = left + int(np.argmax(body[left : right + 1]))
    sides = np.arange(top, high[0] - 1, -1), np.arange(top, high[-1] + 1)
    if min(map(len, sides)) < FEWEST_SAMPLES or not _push_off(motion, high[0]):
        return None
    falls = (_fall(body[side], feet[side], motion) for side in sides)
    slow, fast = sorted(falls, key=lambda fall: fall.pull_px_s2)
    if fast.pull_px_s2 > LEAST_PULLS_APART * slow.pull_px_s2:
        known = any(fall.free and _speeds(motion, fall) for fall in (slow, fast))
        return IN_THE_AIR if known else None
    if not (slow.free and fast.free):
        return None
    return ANOTHER if implied_stature_m(motion, fast.pull_px_s2) > STATURES_M[1] else None


def _push_off(motion: Motion, until: int) -> bool:
    """Whether the legs have been shorter before a sample: nobody's are who does pull-ups."""
    return legs_stretch_px(motion, 0, until) > PUSH_OFF_PER_STATURE * motion.stature_px


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fall:
    """The way down from a top, or up to it; `free` if body and feet fly along one parabola."""

    pull_px_s2: float
    free: bool


def _fall(body: Array, feet: Array, motion: Motion) -> _Fall:
    squares = (np.arange(len(body)) / motion.rate_hz) ** 2
    pull = float(2 * (squares @ (body[0] - body)) / (squares @ squares))
    stray, feet_stray = (
        float(np.std(height + pull / 2 * squares)) / motion.stature_px for height in (body, feet)
    )
    straight = any(len(body) >= n and stray < most for n, most in FREE_FALLS)
    together = feet_stray < FEET_STRAY_PER_STATURE
    falls = body[0] - body[-1] > LEAST_OF_FEET * (feet.max() - feet[-1])
    return _Fall(pull_px_s2=pull, free=pull > 0 and straight and together and bool(falls))


def _speeds(motion: Motion, fall: _Fall) -> set[float]:
    """At which speeds that cameras export, seen from this one, an athlete falls like this."""
    (smallest, tallest), stature_m = STATURES_M, implied_stature_m(motion, fall.pull_px_s2)
    return {speed for speed in SLOW_MOTIONS if smallest < stature_m / speed**2 < tallest}


def sinks_too_fast(motion: Motion, course: Course) -> bool:
    """Whether the hips sink faster than in free fall before the jump: that part of a clip is played
    faster than the flight."""
    if course.touchdown_seconds is not None or not course.start_shown:
        return False
    hips = motion.middle("hip")[:, 1]
    start, lowest = motion.at(course.start_seconds), motion.at(course.lowest_seconds)
    speed = -np.gradient(hips, 1 / motion.rate_hz)[start : lowest + 1]
    fastest = int(np.argmax(speed))
    depth = max(hips[start] - hips[start + fastest], LEAST_DEPTH_PER_STATURE * motion.stature_px)
    free = 2 * course.flight.fall.pull.px_s2 * depth
    return bool(speed[fastest] > 0 and speed[fastest] ** 2 > FASTEST_SINKING * free)
