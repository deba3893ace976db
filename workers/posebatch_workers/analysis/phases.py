"""What happened before and after each flight: standing, lowering, push-off, landing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.bias import TrackerBias
from posebatch_workers.analysis.drops import LONGEST_CONTACT_SECONDS, Drop, drop_before
from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.findings import JumpKind
from posebatch_workers.analysis.flights import Window
from posebatch_workers.analysis.ground import ground_before, hops_off
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: How far back from a take-off its beginning is looked for.
LONGEST_PREPARATION_SECONDS = 3.5
#: Hips held within this share of their lowering, for this long, at the bottom: a squat jump.
HOLD_SHARE = 0.2
HOLD_SECONDS = 0.45
#: Hips that sink by less than this share of the push-off's way were low already.
LEAST_LOWERING_SHARE = 0.2
#: Hips this high over the lowest point, as a share of the lowering, stand.
STANDING_SHARE = 0.85
#: Hips that rise faster than this (statures per second) push off.
RISING_PER_SECOND = 0.06
#: The lowering has begun when they sink at this speed (about 2.5 cm/s): at a higher one it begins
#: late, by 65 ms at 0.06, and at a lower one the tracker's noise hides it.
SINKING_PER_SECOND = 0.015
#: The landing is over when the hips have come down, or after this time.
LONGEST_LANDING_SECONDS = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The instants of one jump, seconds from the first frame; None where it has none.

    start: the lowering begins (drop jump: the box is left), or what is seen of it if not
    start_shown. hold_start: a squat is held. touchdown: the fall from a box or from the jump before
    ends, out of which this one goes. settled: the hips have come down after the landing.
    """

    kind: JumpKind
    flight: Flight
    start_seconds: float
    start_shown: bool
    lowest_seconds: float
    hold_start_seconds: float | None
    drop: Drop | None
    touchdown_seconds: float | None
    settled_seconds: float


def courses(
    motion: Motion, flights: list[Flight], aloft: list[Window], bias: TrackerBias
) -> list[Course]:
    """One course per jump, in order. `aloft`: where the feet rise, believed or not."""
    hips = motion.middle("hip")[:, 1]
    found: list[Course] = []
    left, later = list(flights), float(motion.seconds[-1])
    while left:
        flight = left.pop()
        course = _course(motion, hips, flight, left, aloft, later, bias)
        if course.drop and left and hops_off(motion, left[-1]):
            left.pop()
            course = _course(motion, hips, flight, left, aloft, later, bias)
        found.insert(0, course)
        later = course.start_seconds
    return found


def _course(
    motion: Motion,
    hips: Array,
    flight: Flight,
    before: list[Flight],
    aloft: list[Window],
    later: float,
    bias: TrackerBias,
) -> Course:
    ground = ground_before(motion, before, flight, aloft)
    since = ground.since_seconds
    settled = _settled(motion, hips, flight.landing_seconds, later)
    drop = drop_before(motion, flight, since, bias)
    if drop is not None:
        contact = slice(motion.at(drop.touchdown_seconds), motion.at(flight.takeoff_seconds) + 1)
        lowest = contact.start + int(np.argmin(hips[contact]))
        return Course(
            kind="drop-jump",
            flight=flight,
            start_seconds=drop.left_box_seconds,
            start_shown=True,
            lowest_seconds=float(motion.seconds[lowest]),
            hold_start_seconds=None,
            drop=drop,
            touchdown_seconds=drop.touchdown_seconds,
            settled_seconds=settled,
        )
    start, hold, lowest = _preparation(motion, hips, flight, since)
    rebounds = (
        start is None
        and hold is None
        and ground.landed
        and flight.takeoff_seconds - since <= LONGEST_CONTACT_SECONDS
    )
    return Course(
        kind="cmj" if hold is None else "squat-jump",
        flight=flight,
        start_seconds=max(since, float(motion.seconds[start or 0])),
        start_shown=start is not None or rebounds,
        lowest_seconds=float(motion.seconds[lowest]),
        hold_start_seconds=None if hold is None else float(motion.seconds[hold]),
        drop=None,
        touchdown_seconds=since if rebounds else None,
        settled_seconds=settled,
    )


def _preparation(
    motion: Motion, hips: Array, flight: Flight, earliest: float
) -> tuple[int | None, int | None, int]:
    """Samples at which the lowering starts (None if that is not shown), a hold starts (if any),
    and the push-off starts."""
    takeoff = motion.at(flight.takeoff_seconds)
    since = max(earliest, flight.takeoff_seconds - LONGEST_PREPARATION_SECONDS)
    begin = min(motion.at(since), takeoff - 1)
    way = hips[begin : takeoff + 1]
    velocity = np.gradient(way, 1 / motion.rate_hz)
    not_rising = np.flatnonzero(velocity < RISING_PER_SECOND * motion.stature_px)
    turn = int(not_rising[-1]) if len(not_rising) else 0
    if turn == 0:
        return None, None, begin
    # Hips that come down from a flight before are higher than standing.
    stands = velocity[: turn + 1] > -SINKING_PER_SECOND * motion.stature_px
    lowering = way[: turn + 1].max(where=stands, initial=way[turn]) - way[turn]
    rise = way[-1] - way[turn]
    lowers = lowering >= LEAST_LOWERING_SHARE * rise
    low = _last(way[:turn] > way[turn] + HOLD_SHARE * (lowering if lowers else rise)) + 1
    start = _last(stands & (way[: turn + 1] > way[turn] + STANDING_SHARE * lowering))
    held = (turn - low) / motion.rate_hz >= HOLD_SECONDS
    way_down = slice(begin + max(0, start - 1), begin + turn + 1)
    lost = motion.any_lost("left_hip", "right_hip")[way_down]
    shown = lowers and start > 0 and not lost.any()
    return begin + start if shown else None, begin + low if held else None, begin + turn


def _last(true: NDArray[np.bool_]) -> int:
    """Index of the last true value, -1 if there is none."""
    found = np.flatnonzero(true)
    return int(found[-1]) if len(found) else -1


def _settled(motion: Motion, hips: Array, landing: float, later: float) -> float:
    """When the hips are lowest after landing, at the latest when the next jump begins."""
    first = motion.at(landing)
    last = motion.at(min(later, landing + LONGEST_LANDING_SECONDS))
    lowest = first + int(np.argmin(hips[first : last + 1]))
    return min(later, float(motion.seconds[lowest]))


def falls(found: list[Course]) -> list[Window]:
    """When the athlete was on the way down from a box."""
    drops = (course.drop for course in found if course.drop)
    return [
        Window(start_seconds=drop.left_box_seconds, end_seconds=drop.touchdown_seconds)
        for drop in drops
    ]
