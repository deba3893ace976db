"""What happened before and after each flight: standing, lowering, push-off, landing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.findings import Phase, SeenKind
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: How far back from a take-off its beginning is looked for.
LONGEST_PREPARATION_SECONDS = 3.0
#: Longest ground contact between two flights that is still one drop or rebound jump.
LONGEST_REACTIVE_CONTACT_SECONDS = 0.7
#: A fall from a box takes the hips down by at least this share of the stature.
LEAST_DROP_PER_STATURE = 0.06
#: Hips held within this share of their lowering, for this long, at the bottom: a squat jump.
SQUAT_HOLD_SHARE = 0.15
SQUAT_HOLD_SECONDS = 0.5
#: Hips that move slower than this (statures per second) stand still.
STILL_STATURES_PER_SECOND = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The instants of one jump, seconds from the first frame; None where it has none."""

    kind: SeenKind
    flight: Flight
    start_seconds: float
    lowest_seconds: float
    hold_start_seconds: float | None
    fall_start_seconds: float | None
    touchdown_seconds: float | None
    settled_seconds: float


def courses(motion: Motion, flights: list[Flight]) -> list[Course]:
    """One course per jump; a fall from a box is part of the jump that follows it."""
    hips = motion.middle("hip")[:, 1]
    found = []
    for index, flight in enumerate(flights):
        earlier = flights[index - 1].landing_seconds if index else 0.0
        is_last = index + 1 == len(flights)
        later = motion.seconds[-1] if is_last else flights[index + 1].takeoff_seconds
        found.append(_course(motion, hips, flight, earlier, later))
    return found


def _course(motion: Motion, hips: Array, flight: Flight, earlier: float, later: float) -> Course:
    takeoff = _at(motion, flight.takeoff_seconds)
    begin = max(_at(motion, earlier), takeoff - round(LONGEST_PREPARATION_SECONDS * motion.rate_hz))
    lowest = begin + int(np.argmin(hips[begin : takeoff + 1]))
    start = _start_of_lowering(motion, hips, begin, lowest)
    hold = _hold(motion, hips, start, lowest, takeoff)
    return Course(
        kind="squat-jump" if hold is not None else "cmj",
        flight=flight,
        start_seconds=float(motion.seconds[start]),
        lowest_seconds=float(motion.seconds[lowest]),
        hold_start_seconds=hold,
        fall_start_seconds=None,
        touchdown_seconds=None,
        settled_seconds=_settled(motion, hips, flight.landing_seconds, later),
    )


def _start_of_lowering(motion: Motion, hips: Array, begin: int, lowest: int) -> int:
    """Last sample before `lowest` at which the hips still stood, high and slow."""
    if lowest <= begin:
        return begin
    velocity = np.gradient(hips[begin : lowest + 1], 1 / motion.rate_hz)
    top = hips[begin : lowest + 1].max()
    high = hips[begin : lowest + 1] > top - 0.15 * (top - hips[lowest])
    still = velocity > -STILL_STATURES_PER_SECOND * motion.stature_px
    standing = np.flatnonzero(high & still)
    return begin + int(standing[-1]) if len(standing) else begin


def _hold(motion: Motion, hips: Array, start: int, lowest: int, takeoff: int) -> float | None:
    """When the squat began to be held, None where the hips turned at once."""
    depth = hips[start] - hips[lowest]
    low = hips[start : takeoff + 1] < hips[lowest] + SQUAT_HOLD_SHARE * depth
    held = np.flatnonzero(low)
    if len(held) < SQUAT_HOLD_SECONDS * motion.rate_hz:
        return None
    return float(motion.seconds[start + held[0]])


def _settled(motion: Motion, hips: Array, landing: float, later: float) -> float:
    """When the hips come to rest after landing, at the latest at the next take-off."""
    first, last = _at(motion, landing), min(_at(motion, later), _at(motion, landing + 1.5))
    velocity = np.abs(np.gradient(hips, 1 / motion.rate_hz)[first : last + 1])
    lowest = int(np.argmin(hips[first : last + 1]))
    still = np.flatnonzero(velocity[lowest:] < STILL_STATURES_PER_SECOND * motion.stature_px)
    return float(motion.seconds[first + lowest + (int(still[0]) if len(still) else 0)])


def _at(motion: Motion, seconds: float) -> int:
    return int(np.clip(round(seconds * motion.rate_hz), 0, len(motion.seconds) - 1))


def named(course: Course, rep: int) -> list[Phase]:
    """The phases of one jump, in order, in real seconds from the first frame."""
    flight = course.flight
    marks = [
        ("quiet standing", max(0.0, course.start_seconds - 0.5), course.start_seconds),
        ("lowering", course.start_seconds, course.hold_start_seconds or course.lowest_seconds),
    ]
    if course.hold_start_seconds is not None:
        marks.append(("hold", course.hold_start_seconds, course.lowest_seconds))
    marks += [
        ("lowest point", course.lowest_seconds, course.lowest_seconds),
        ("push-off", course.lowest_seconds, flight.takeoff_seconds),
        ("flight", flight.takeoff_seconds, flight.landing_seconds),
        ("landing", flight.landing_seconds, course.settled_seconds),
    ]
    return [
        Phase(name=name, start_seconds=start, end_seconds=max(start, end), rep=rep)
        for name, start, end in marks
    ]
