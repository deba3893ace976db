"""From one athlete's poses to jumps, phases and how far to trust them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from posebatch_shared.poses import PoseSequence
from posebatch_shared.versions import ANALYSIS_VERSION
from posebatch_workers.analysis import measure, naming, phases, proof, quality, scale, speed_changes
from posebatch_workers.analysis.bias import UNKNOWN, TrackerBias
from posebatch_workers.analysis.caveats import warnings_of
from posebatch_workers.analysis.findings import (
    Analysis,
    Jump,
    JumpKind,
    Kind,
    SeenKind,
    nothing_seen,
)
from posebatch_workers.analysis.motion import Motion
from posebatch_workers.analysis.search import Seen, look
from posebatch_workers.analysis.series import series_of
from posebatch_workers.timing import StageTimer

FEWEST_FRAMES = 12
NO_JUMP = "no jump found"


def analyse(
    sequence: PoseSequence,
    *,
    kind: Kind = "auto",
    slow_motion: float | None = None,
    athlete_height_m: float | None = None,
    tracker_bias: TrackerBias = UNKNOWN,
    timer: StageTimer | None = None,
) -> Analysis:
    """Jumps, phases and quality of one athlete's poses.

    `slow_motion` is how many times slower than life the clip plays (8 for 240 frames/s shown at
    30), None to tell it from gravity; `athlete_height_m` is the standing height without shoes;
    `tracker_bias` is what `bias_of` knows of the tracker that made the poses.
    """
    timer = timer or StageTimer()
    if int(sequence.seen.sum()) < FEWEST_FRAMES:
        return nothing_seen(ANALYSIS_VERSION, kind)
    seen = look(sequence, kind, slow_motion, tracker_bias, timer, athlete_height_m)
    answer = _answer(seen, kind, athlete_height_m, tracker_bias, timer)
    return answer.on_clip_time(float(sequence.pts_seconds[0]), seen.slow_motion)


def _answer(
    seen: Seen,
    kind: Kind,
    athlete_height_m: float | None,
    bias: TrackerBias,
    timer: StageTimer,
) -> Analysis:
    """All about the flights that were seen, in real seconds from the first frame."""
    with timer.stage("phases"):
        courses, rushed = _courses(seen, bias)
    with timer.stage("metrics"):
        size = scale.measure(seen.motion, seen.flights, seen.free_pull_px_s2, athlete_height_m)
        jumps = _jumps(seen.motion, courses, kind, size)
    with timer.stage("quality"):
        aloft = [*seen.aloft, *phases.falls(courses)]
        flights = [course.flight for course in courses]
        warnings = [*warnings_of(seen.motion, aloft, flights), *_objections(seen)]
        warnings += [seen.misfit] if seen.misfit else []
        warnings += [speed_changes.BEFORE_THE_JUMP] if rushed else []
        refused = not proof.MERELY_NO_JUMP.issuperset(seen.objections)
        judged = quality.judge(seen.motion, flights, warnings, refused=refused)
    return Analysis(
        version=ANALYSIS_VERSION,
        requested_kind=kind,
        kind=_kind(kind, jumps),
        jumps=jumps,
        phases=tuple(naming.named(courses)),
        quality=judged,
        slow_motion=seen.slow_motion,
        metres_per_pixel=size.metres_per_pixel,
        metres_per_pixel_from_gravity=size.from_gravity,
        metres_per_pixel_from_stature=size.from_stature,
        note=None if jumps or kind == "pose" else NO_JUMP,
        bias_undone=bias.measured,
        series=series_of(seen.motion, size.metres_per_pixel),
    )


def _courses(seen: Seen, bias: TrackerBias) -> tuple[list[phases.Course], bool]:
    """The course of each flight, and whether one begins at another speed of play: how it does is
    then as good as not shown."""
    found = phases.courses(seen.motion, seen.flights, seen.aloft, bias)
    if seen.slow_motion == 1.0:
        return found, False
    rushed = [speed_changes.sinks_too_fast(seen.motion, course) for course in found]
    told = [
        replace(course, start_shown=course.start_shown and not fast)
        for course, fast in zip(found, rushed, strict=True)
    ]
    return told, any(rushed)


def _jumps(
    motion: Motion, courses: list[phases.Course], kind: Kind, size: scale.Scale
) -> tuple[Jump, ...]:
    metres_per_pixel = size.metres_per_pixel
    if metres_per_pixel is None:
        return ()
    return tuple(
        measure.measured(
            motion,
            course,
            rep=rep,
            kind=_label(kind, course.kind),
            metres_per_pixel=metres_per_pixel,
        )
        for rep, course in enumerate(courses, start=1)
    )


def _objections(seen: Seen) -> list[str]:
    """Why flights were not believed; some reasons count only where no jump was found."""
    said = dict.fromkeys(seen.objections)
    return [words for words in said if not seen.flights or words not in proof.BESIDE_A_JUMP]


def _label(requested: Kind, seen: JumpKind) -> JumpKind:
    """What a jump is called: a request decides between the two that start from standing."""
    if seen != "drop-jump" and requested in ("cmj", "squat-jump"):
        return requested
    return seen


def _kind(requested: Kind, jumps: tuple[Jump, ...]) -> SeenKind:
    if requested == "pose":
        return "pose"
    if not jumps:
        return "none"
    return Counter(jump.kind for jump in jumps).most_common(1)[0][0]
