"""Is each person looked for in every frame where it may be, and nobody twice?"""

from __future__ import annotations

import numpy as np
import pytest

from posebatch_workers.trackers.rtmpose_boxes import Lanes, detection_frames, distinct


def boxes(*lefts: float) -> np.ndarray:
    return np.array([[left, 0, left + 50, 150] for left in lefts], np.float32).reshape(-1, 4)


@pytest.mark.parametrize(
    ("frames", "pause", "since", "wanted"),
    [
        (16, 16, None, [0, 15]),
        (16, 8, None, [0, 8, 15]),
        (16, 16, 0, [15]),
        (16, 8, 0, [7, 15]),
        (16, 65, 0, []),
        (16, 65, 48, []),
        (16, 65, 50, [15]),
        (1, 8, 0, []),
        (1, 8, 8, [0]),
        (1, 8, None, [0]),
        (4, 1, 0, [0, 1, 2, 3]),
    ],
)
def test_when_to_detect(frames: int, pause: int, since: int | None, wanted: list[int]) -> None:
    assert detection_frames(frames, pause, since=since) == wanted


def test_boxes_move_evenly_between_detections_of_one_person() -> None:
    lanes = Lanes([*boxes(0)])
    lanes.add(3, boxes(40))
    looks = lanes.between()
    assert [look.frame for look in looks] == [0, 1, 2, 3]
    assert [float(look.box[0]) for look in looks] == pytest.approx([10, 20, 30, 40])
    assert lanes.outward(4) == []


def test_who_enters_or_leaves_is_looked_for_up_to_the_detection_without_them() -> None:
    lanes = Lanes()
    lanes.add(0, boxes(0))
    lanes.add(4, boxes(500))
    lanes.add(8, boxes())
    assert [look.frame for look in lanes.between()] == [0, 4]
    ways = sorted((float(way.box[0]), list(way.frames)) for way in lanes.outward(9))
    assert ways == [(0.0, [1, 2, 3, 4]), (500.0, [3, 2, 1, 0]), (500.0, [5, 6, 7, 8])]


def test_without_a_detection_the_carried_are_followed_to_the_end() -> None:
    (way,) = Lanes([*boxes(7)]).outward(3)
    assert list(way.frames) == [0, 1, 2]


def test_people_side_by_side_are_not_exchanged() -> None:
    lanes = Lanes([*boxes(0, 100)])
    lanes.add(1, boxes(105, 5))
    ends = {float(lane[-1][0]): float(lane[1][0]) for lane in lanes.boxes}
    assert ends == {0.0: 5.0, 100.0: 105.0}


def test_of_two_poses_of_one_body_the_surer_stays() -> None:
    body = np.random.default_rng(0).uniform(0, 100, (26, 2)).astype(np.float32)
    points = np.stack([body, body + 2, body + 60])
    scores = np.stack([np.full(26, s, np.float32) for s in (0.4, 0.8, 0.5)])
    assert distinct(points, scores) == [1, 2]
    assert distinct(points[:0], scores[:0]) == []
