"""Pictures shown twice, or left out with their time: what converters do to a clip's clock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import trajectories
from posebatch_shared.poses import PoseSequence
from posebatch_workers.analysis import analyse
from posebatch_workers.analysis.scale import NOT_GROWN, NOT_THAT_TALL

REPEATED = "pictures are shown more than once"
MISSING = "pictures are missing, and the time for them"


def retimed(
    sequence: PoseSequence, pictures: NDArray[np.int64], pts_seconds: NDArray[np.float64]
) -> PoseSequence:
    """These pictures of a clip, shown at these times."""
    return replace(
        sequence,
        frame_index=np.arange(len(pictures)),
        pts_seconds=pts_seconds,
        keypoints=sequence.keypoints[pictures],
        visibility=sequence.visibility[pictures],
    )


def filled_up(sequence: PoseSequence, fps: float, new_fps: float) -> PoseSequence:
    """A clip of one frame rate in a file of a higher one, as editors export it."""
    at = np.arange(0, sequence.pts_seconds[-1], 1 / new_fps)
    return retimed(sequence, np.floor(at * fps + 1e-6).astype(np.int64), at)


def thinned(sequence: PoseSequence, fps: float, seed: int) -> PoseSequence:
    """The clip without every tenth picture, written at a constant rate all the same."""
    kept = np.flatnonzero(np.random.default_rng(seed).random(len(sequence)) >= 0.1)
    return retimed(sequence, kept, np.arange(len(kept)) / fps)


def flight_seconds(course: trajectories.Course) -> float:
    return course.landings[0] - course.takeoffs[0]


@pytest.mark.parametrize(("fps", "new_fps"), [(30, 60), (24, 60), (50, 60), (24, 30), (25, 30)])
def test_pictures_shown_again_are_named_and_left_out(fps: float, new_fps: float) -> None:
    course = trajectories.cmj(0.35)
    plain = trajectories.sequence(course, fps=fps, noise_px=0.5)

    analysis = analyse(filled_up(plain, fps, new_fps))

    assert analysis.quality.warnings == (REPEATED,)
    (jump,) = analysis.jumps
    assert jump.flight_time_seconds == pytest.approx(flight_seconds(course), abs=0.010)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("fps", [30, 60])
def test_a_clock_that_pictures_are_missing_from_is_not_trusted(fps: float, seed: int) -> None:
    course = trajectories.cmj(0.35)
    plain = trajectories.sequence(course, fps=fps, noise_px=0.5)

    analysis = analyse(thinned(plain, fps, seed))

    assert MISSING in analysis.quality.warnings
    assert analysis.quality.level == "low"
    for jump in analysis.jumps:
        low, high = jump.flight_time_interval_seconds
        assert low < flight_seconds(course) < high


@pytest.mark.parametrize("fps", [24, 30, 60, 120, 240])
@pytest.mark.parametrize("noise_px", [0.5, 6.0])
def test_a_clock_that_is_right_is_trusted(fps: float, noise_px: float) -> None:
    """Also where pictures are missing and their time is not: a variable frame rate."""
    plain = trajectories.sequence(trajectories.drop_jump(0.3), fps=fps, noise_px=noise_px)
    kept = np.random.default_rng(3).random(len(plain)) >= 0.1

    for sequence in (plain, trajectories.kept(plain, kept)):
        assert not {REPEATED, MISSING, NOT_GROWN} & {*analyse(sequence).quality.warnings}


def test_time_lost_at_the_top_is_known_by_the_height() -> None:
    """There the body hardly moves, so that no step tells of it: gravity does."""
    course = trajectories.cmj(0.35)
    plain = trajectories.sequence(course, fps=60, noise_px=1)
    apex = (course.takeoffs[0] + course.landings[0]) / 2
    kept = np.flatnonzero(np.abs(plain.pts_seconds - apex) > 0.05)
    cut = retimed(plain, kept, np.arange(len(kept)) / 60)

    right, wrong = (analyse(clip, athlete_height_m=1.75) for clip in (plain, cut))

    assert right.quality.warnings == ()
    assert NOT_THAT_TALL in wrong.quality.warnings
    assert wrong.quality.level == "low"
    low, high = wrong.jumps[0].flight_time_interval_seconds
    assert low < flight_seconds(course) < high


@pytest.mark.parametrize("speed", [1.2, 0.8])
def test_a_clip_that_plays_a_bit_too_slowly_or_fast_is_named(speed: float) -> None:
    """30 pictures a second exported as 25, say: no slow motion that cameras know."""
    plain = trajectories.sequence(trajectories.cmj(0.35), fps=60, noise_px=1)

    analysis = analyse(trajectories.stretched(plain, speed))

    assert analysis.quality.warnings == (NOT_GROWN,)


def test_a_child_of_known_height_is_no_wrong_clock() -> None:
    """A body of 1.2 m whose pixels are so much smaller falls as fast in metres as others."""
    plain = trajectories.sequence(trajectories.cmj(0.35), fps=60, noise_px=1)
    child = trajectories.stretched(plain, (1.2 / 1.75) ** 0.5)

    assert analyse(child).quality.warnings == (NOT_GROWN,)
    assert analyse(child, athlete_height_m=1.2).quality.warnings == ()
