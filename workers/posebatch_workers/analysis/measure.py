"""From the course of one jump to its metrics."""

from __future__ import annotations

from dataclasses import asdict

from posebatch_workers.analysis import intervals
from posebatch_workers.analysis.findings import Jump, JumpKind
from posebatch_workers.analysis.joints import joint_angles
from posebatch_workers.analysis.metrics import kinematics
from posebatch_workers.analysis.motion import Motion
from posebatch_workers.analysis.phases import Course


def measured(
    motion: Motion,
    course: Course,
    *,
    rep: int,
    kind: JumpKind,
    metres_per_pixel: float,
) -> Jump:
    """All metrics of one jump, times in seconds from the first frame."""
    flight = course.flight
    flight_interval = intervals.around(flight.seconds, flight.sd_seconds)
    angles = joint_angles(motion, course)
    return Jump(
        rep=rep,
        kind=kind,
        takeoff_seconds=flight.takeoff_seconds,
        landing_seconds=flight.landing_seconds,
        flight_time_seconds=flight.seconds,
        flight_time_interval_seconds=flight_interval,
        jump_height_m=flight.height_m,
        jump_height_interval_m=intervals.height_interval_m(flight_interval),
        metres_per_pixel=metres_per_pixel,
        **_ground(course, metres_per_pixel),
        **asdict(kinematics(motion, course, metres_per_pixel)),
        **(asdict(angles) if angles else {}),
    )


def _ground(course: Course, metres_per_pixel: float) -> dict[str, float | None]:
    """What the time on the ground before take-off gives, as far as all of it is shown."""
    flight = course.flight
    if course.touchdown_seconds is None:
        held = course.hold_start_seconds is not None
        if not (held or course.start_shown):
            return {}
        begin = course.lowest_seconds if held else course.start_seconds
        seconds = flight.takeoff_seconds - begin
        return {"time_to_takeoff_seconds": seconds, "rsi_modified": flight.height_m / seconds}
    contact = flight.takeoff_seconds - course.touchdown_seconds
    box_px = course.drop.box_height_px if course.drop else None
    return {
        "touchdown_seconds": course.touchdown_seconds,
        "contact_time_seconds": contact,
        "rsi_flight_over_contact": flight.seconds / contact,
        "rsi_height_over_contact": flight.height_m / contact,
        "drop_height_m": None if box_px is None else box_px * metres_per_pixel,
    }
