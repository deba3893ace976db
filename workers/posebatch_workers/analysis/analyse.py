"""From one athlete's poses to jumps, phases and how far to trust them."""

from __future__ import annotations

import numpy as np

from posebatch_shared.poses import PoseSequence
from posebatch_workers.analysis import events, findings, flights, phases, quality
from posebatch_workers.analysis.findings import Analysis, Jump, Kind, Quality, Series
from posebatch_workers.analysis.flights import GRAVITY_M_S2
from posebatch_workers.analysis.motion import Motion, read
from posebatch_workers.timing import StageTimer

#: Changes whenever a number in the results may change.
ANALYSIS_VERSION = "1"
FEWEST_FRAMES = 12
SERIES_POINTS = 400


def analyse(
    sequence: PoseSequence,
    *,
    kind: Kind = "auto",
    fps_hint: float | None = None,
    slow_motion: float | None = None,
    athlete_height_m: float | None = None,
    timer: StageTimer | None = None,
) -> Analysis:
    """Jumps, phases and quality of one athlete's poses.

    `slow_motion` is how many times slower than life the clip plays (8 for 240 frames/s shown at
    30), None to tell it from gravity; `athlete_height_m` is the standing height without shoes.
    `fps_hint` only stands in where the clip is too short to show its frame rate.
    """
    timer = timer or StageTimer()
    if len(sequence) < FEWEST_FRAMES or not sequence.seen.any():
        return _nothing(kind, "no jump found: the athlete is hardly ever seen")
    with timer.stage("smooth"):
        motion = read(sequence, slow_motion=slow_motion or 1.0)
    with timer.stage("phases"):
        fitted = [events.fit(motion, window) for window in flights.windows(motion)]
        found = [flight for flight in fitted if flight is not None and _falls_freely(flight)]
        courses = phases.courses(motion, found)
    with timer.stage("metrics"):
        jumps = tuple(_jump(course, rep) for rep, course in enumerate(courses, start=1))
    with timer.stage("quality"):
        judged = quality.judge(motion, found)
    return Analysis(
        version=ANALYSIS_VERSION,
        requested_kind=kind,
        kind=jumps[0].kind if jumps else "none",
        jumps=jumps,
        phases=tuple(
            phase
            for rep, course in enumerate(courses, start=1)
            for phase in phases.named(course, rep)
        ),
        quality=judged,
        slow_motion=slow_motion or 1.0,
        metres_per_pixel=None,
        metres_per_pixel_from_gravity=None,
        metres_per_pixel_from_stature=None,
        note=None if jumps else "no jump found",
        series=_series(motion),
    )


def _falls_freely(flight: events.Flight) -> bool:
    return np.isfinite(flight.hip_gravity_px_s2) and flight.hip_gravity_px_s2 > 0


def _jump(course: phases.Course, rep: int) -> Jump:
    flight = course.flight
    half = 1.645 * np.sqrt(2) * flight.event_sd_seconds
    interval = (flight.seconds - half, flight.seconds + half)
    return Jump(
        rep=rep,
        kind=course.kind,
        takeoff_seconds=flight.takeoff_seconds,
        landing_seconds=flight.landing_seconds,
        flight_time_seconds=flight.seconds,
        flight_time_interval_seconds=interval,
        jump_height_m=flight.height_m,
        jump_height_interval_m=(
            GRAVITY_M_S2 * interval[0] ** 2 / 8,
            GRAVITY_M_S2 * interval[1] ** 2 / 8,
        ),
    )


def _series(motion: Motion) -> Series:
    step = max(1, -(-len(motion.seconds) // SERIES_POINTS))
    return Series(
        unit="px",
        seconds=motion.seconds[::step].tolist(),
        hip_height=motion.middle("hip")[::step, 1].tolist(),
        foot_height=flights.low_foot(motion)[::step].tolist(),
    )


def _nothing(kind: Kind, note: str) -> Analysis:
    return Analysis(
        version=ANALYSIS_VERSION,
        requested_kind=kind,
        kind="none",
        jumps=(),
        phases=(),
        quality=Quality(score=0.0, level="low", parts={}, warnings=("athlete not seen",)),
        slow_motion=1.0,
        metres_per_pixel=None,
        metres_per_pixel_from_gravity=None,
        metres_per_pixel_from_stature=None,
        note=note,
        series=findings.Series(unit="px"),
    )
