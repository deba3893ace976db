"""The names of what happens before, in and after each flight."""

from __future__ import annotations

from collections.abc import Iterator

from posebatch_workers.analysis.findings import Phase
from posebatch_workers.analysis.phases import Course

#: Of quiet standing (on the ground or on a box), what belongs to a jump.
QUIET_SECONDS = 0.5


def named(found: list[Course]) -> Iterator[Phase]:
    """The phases of all jumps, in order and without overlap, in seconds from the first frame."""
    earlier = 0.0
    for rep, course in enumerate(found, start=1):
        flight = course.flight
        marks = [
            *_before_takeoff(course, earlier),
            ("flight", flight.takeoff_seconds, flight.landing_seconds),
            ("landing", flight.landing_seconds, course.settled_seconds),
        ]
        for name, start, end in marks:
            if start < end or name == "lowest point":
                yield Phase(name=name, start_seconds=start, end_seconds=end, rep=rep)
        earlier = max(flight.landing_seconds, course.settled_seconds)


def _before_takeoff(course: Course, earlier: float) -> Iterator[tuple[str, float, float]]:
    """Of one jump; `earlier` is when the landing of the one before was over."""
    start, lowest = course.start_seconds, course.lowest_seconds
    takeoff, down = course.flight.takeoff_seconds, course.touchdown_seconds
    rest = max(earlier, start - QUIET_SECONDS)
    if down is None:
        if course.start_shown:
            yield "quiet standing", rest, start
        hold = lowest if course.hold_start_seconds is None else course.hold_start_seconds
        yield "lowering", start, hold
        yield "hold", hold, lowest
        yield "lowest point", lowest, lowest
        yield "push-off", lowest, takeoff
        return
    if course.drop is not None:
        yield "box", rest, start
        yield "fall", start, down
    yield "contact", down, takeoff
    yield "lowest point", lowest, lowest
