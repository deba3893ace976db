"""Where nobody moves frames are passed over; where somebody does, and around it, none is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from posebatch_shared.poses import FramePoses, passed_over
from posebatch_workers.coarse_to_fine import (
    AFTER_FEET_SECONDS,
    BEFORE_SECONDS,
    BODY_SECONDS,
    LOOK_SECONDS,
    Motion,
    look_then_look_closely,
)
from posebatch_workers.trackers.athlete_choice import choose_athlete
from posebatch_workers.trackers.interpolation import between_looks
from posebatch_workers.trackers.skeletons import BLAZEPOSE_33
from posebatch_workers.video.frames import Frame

NODES = len(BLAZEPOSE_33.nodes)
FEET = [
    row
    for row, name in enumerate(BLAZEPOSE_33.nodes)
    if name.endswith(("ankle", "heel", "foot_index"))
]
PIXELS = np.zeros((2, 2, 3), np.uint8)


def pose(seconds: float, lift: float = 0.0, people: int = 1) -> FramePoses:
    """So many people, 0.6 of the picture tall, `lift` higher than standing."""
    keypoints = np.full((people, NODES, 3), 0.5, np.float32)
    keypoints[:, :, 1] = np.linspace(0.2, 0.8, NODES) - lift
    return FramePoses(
        frame_index=round(seconds * 60),
        pts_seconds=seconds,
        keypoints=keypoints,
        scores=np.full((people, NODES), 0.9, np.float32),
        bboxes=np.tile(np.array([0.4, 0.2 - lift, 0.6, 0.8 - lift], np.float32), (people, 1)),
    )


def _arc(seconds: float) -> float:
    """Up and down again, between 2 and 3 s of the clip."""
    return 0.2 * np.sin(np.pi * (seconds - 2)) if 2 < seconds < 3 else 0.0


def jump(seconds: float) -> FramePoses:
    return pose(seconds, _arc(seconds))


def squat(seconds: float) -> FramePoses:
    return bowed(seconds, _arc(seconds))


def bowed(seconds: float, bow: float) -> FramePoses:
    """One person whose feet stand while the rest is lower by `bow`."""
    poses = pose(seconds)
    poses.keypoints[:, :, 1] += bow
    poses.keypoints[:, FEET, 1] -= bow
    return poses


def looked(
    answer: Callable[[float], FramePoses], *, fps: float = 60.0, seconds: float = 5.0
) -> list[FramePoses]:
    frames = (
        Frame(frame_index=n, pts_seconds=n / fps, pixels=PIXELS) for n in range(int(seconds * fps))
    )
    return list(
        look_then_look_closely(
            frames,
            lambda frame: answer(frame.pts_seconds),
            skeleton=BLAZEPOSE_33,
            aspect=0.5,
        )
    )


def times(poses: list[FramePoses]) -> NDArray[np.float64]:
    return np.array([p.pts_seconds for p in poses if p.tracked])


@pytest.mark.parametrize("fps", [25.0, 60.0, 240.0])
def test_every_frame_has_an_answer_in_order(fps: float) -> None:
    poses = looked(jump, fps=fps)
    np.testing.assert_allclose([p.pts_seconds for p in poses], np.arange(5 * fps) / fps)


@pytest.mark.parametrize("fps", [25.0, 60.0, 240.0])
def test_a_movement_and_its_margins_are_looked_at_frame_by_frame(fps: float) -> None:
    found = times(looked(jump, fps=fps))
    close = found[(found >= 2 - BEFORE_SECONDS + LOOK_SECONDS) & (found <= 3 + AFTER_FEET_SECONDS)]
    assert np.diff(close).max() == pytest.approx(1 / fps)


@pytest.mark.parametrize("fps", [25.0, 60.0, 240.0])
def test_over_feet_that_stand_thirty_looks_a_second_are_enough(fps: float) -> None:
    found = times(looked(squat, fps=fps))
    close = found[(found >= 2 - BEFORE_SECONDS + LOOK_SECONDS) & (found <= 3)]
    steps = np.diff(close)
    assert steps.max() == pytest.approx(max(BODY_SECONDS, 1 / fps), abs=1e-3)
    assert np.median(steps) == pytest.approx(max(BODY_SECONDS, 1 / fps), abs=1e-3)


def test_standing_about_costs_a_look_now_and_then() -> None:
    found = times(looked(pose))
    assert np.diff(found).max() <= LOOK_SECONDS + 1 / 60
    assert len(found) == pytest.approx(5 / LOOK_SECONDS, abs=3)


def test_the_last_frame_is_looked_at_and_the_pixels_held_back_are_copies() -> None:
    shared = np.zeros((1, 1, 3), np.uint8)
    seen: list[int] = []

    def frames() -> Iterator[Frame]:
        for number in range(30):
            shared[:] = number
            yield Frame(frame_index=number, pts_seconds=number / 60, pixels=shared)

    def track(frame: Frame) -> FramePoses:
        assert frame.pixels[0, 0, 0] == frame.frame_index
        seen.append(frame.frame_index)
        return pose(frame.pts_seconds, 0.01 * frame.frame_index)

    poses = list(look_then_look_closely(frames(), track, skeleton=BLAZEPOSE_33, aspect=0.5))
    assert sorted(seen) == list(range(30))
    assert seen != sorted(seen), "it went back for what it had passed over"
    assert poses[-1].tracked
    assert looked(pose)[-1].tracked


def test_nothing_in_nothing_out() -> None:
    assert looked(jump, seconds=0) == []


def test_what_counts_as_movement_and_how_closely_it_is_looked_at() -> None:
    pace = Motion(BLAZEPOSE_33, 0.5).pace
    still, limb, flicker, foot = pose(0), pose(0), pose(0), pose(0)
    limb.keypoints[0, 15:18, 0] += 0.2
    flicker.keypoints[0, :2, 0] += 0.2
    foot.keypoints[0, [n for n in FEET if "left" in BLAZEPOSE_33.nodes[n]], 0] += 0.04
    assert pace(still, pose(0, 0.004)) == LOOK_SECONDS
    assert pace(still, flicker) == LOOK_SECONDS
    assert pace(pose(0, people=0), pose(0, people=0)) == LOOK_SECONDS
    assert pace(still, limb) == BODY_SECONDS
    assert pace(still, bowed(0, 0.03)) == BODY_SECONDS
    assert pace(still, foot) == 0
    assert pace(still, pose(0, 0.02)) == 0
    assert pace(still, pose(0, people=2)) == 0
    assert pace(pose(0, people=0), still) == 0


def test_a_body_that_cannot_be_seen_or_moves_over_unseen_feet_is_looked_at_closely() -> None:
    pace = Motion(BLAZEPOSE_33, 0.5).pace
    faint, legless, stooping = pose(0), pose(0), bowed(0, 0.03)
    faint.scores[:] = 0.1
    legless.scores[:, FEET] = stooping.scores[:, FEET] = 0.1
    assert pace(faint, faint) == 0
    assert pace(legless, legless) == LOOK_SECONDS
    assert pace(legless, stooping) == 0


def test_between_two_looks_the_athlete_is_interpolated() -> None:
    frames = [pose(0), passed_over(6, 0.1, NODES), passed_over(9, 0.15, NODES), pose(0.2, 0.02)]
    athlete = choose_athlete(frames, skeleton=BLAZEPOSE_33, width=100, height=200).sequence
    np.testing.assert_allclose(athlete.pts_seconds, [0, 0.1, 0.15, 0.2])
    np.testing.assert_allclose(athlete.keypoints[:, 0, 1], [0.2, 0.19, 0.185, 0.18], atol=1e-6)
    assert athlete.visibility.min() == pytest.approx(0.9)
    assert athlete.looked_at.tolist() == [True, False, False, True]


def test_beside_a_look_at_nobody_nothing_is_invented() -> None:
    frames = [pose(0), passed_over(6, 0.1, NODES), pose(0.2, people=0)]
    athlete = choose_athlete(frames, skeleton=BLAZEPOSE_33, width=100, height=200).sequence
    assert athlete.seen.tolist() == [True, False, False]
    assert athlete.visibility[1:].max() == 0


def test_a_clip_without_gaps_stays_as_it_is() -> None:
    frames = [pose(0), pose(0.1)]
    athlete = choose_athlete(frames, skeleton=BLAZEPOSE_33, width=100, height=200).sequence
    assert between_looks(athlete, frames) is athlete
