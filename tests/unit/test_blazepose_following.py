"""blazepose follows people from crop to crop, and looks for those who are new or lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from posebatch_shared.results import TrackerInfo
from posebatch_workers.trackers.blazepose.landmarks import Body
from posebatch_workers.trackers.blazepose.regions import Region, holds_several
from posebatch_workers.trackers.blazepose.tracker import (
    SEARCH_WIDTH,
    SEARCH_WIDTH_PER_SECOND,
    BlazePose,
)
from posebatch_workers.video.frames import Frame

SQUARE = Region(x=300.0, y=220.0, size=200.0, turn=0.4)


def body(presence: float, region: Region) -> Body:
    rng = np.random.default_rng(0)
    return Body(
        presence=presence,
        keypoints=rng.random((33, 3), dtype=np.float32),
        visibility=np.ones(33, np.float32),
        next_region=region,
    )


class FakeDetector:
    """Finds the people in `answers`, one call after the other."""

    def __init__(self, answers: list[list[Region]]) -> None:
        self.answers = answers
        self.places: list[Region] = []

    def find(self, pixels: Any, square: Region) -> list[Region]:
        self.places.append(square)
        return self.answers.pop(0)


class FakeLandmarks:
    """Is as sure as `presences` says, one crop after the other; people walk right, to the wall."""

    def __init__(self, presences: list[float]) -> None:
        self.presences = presences
        self.regions: list[Region] = []

    def find(self, pixels: Any, region: Region) -> Body:
        self.regions.append(region)
        return body(self.presences.pop(0), replace(region, x=min(region.x + 50, WALL)))


def tracked(
    detections: list[list[Region]], presences: list[float], *, fps: float = 30.0, width: int = 4
) -> tuple[list[int], list[float], list[Region]]:
    """People per frame, the x of every crop that was looked at, and where the detector looked; all
    answers are used up."""
    finder, landmarks = FakeDetector(detections), FakeLandmarks(presences)
    info = TrackerInfo(name="blazepose", model="m", model_sha256="", device="cpu", provider="fake")
    tracker = BlazePose(
        finder,  # type: ignore[arg-type]
        landmarks,  # type: ignore[arg-type]
        quality="balanced",
        info=info,
    )
    pixels = np.zeros((4, width, 3), np.uint8)
    frames = [Frame(frame_index=i, pts_seconds=i / fps, pixels=pixels) for i in range(3)]
    people = [len(p.scores) for p in tracker.track(frames)]
    assert not finder.answers
    assert not landmarks.presences
    return people, [region.x for region in landmarks.regions], finder.places


FAR = replace(SQUARE, x=900.0)
WALL = 6000.0
WHOLE = Region(x=2.0, y=2.0, size=4.0)


def test_the_detector_rests_while_the_person_is_followed() -> None:
    assert tracked([[SQUARE]], [0.9, 0.8, 0.7]) == ([1, 1, 1], [300, 350, 400], [WHOLE])


def test_a_lost_person_is_looked_for_around_the_last_crop_and_then_everywhere() -> None:
    people, crops, places = tracked([[SQUARE], [], [SQUARE], [], []], [0.9, 0.1, 0.2])
    assert people == [1, 0, 0]
    assert crops == [300, 350, 300]
    around = Region(x=350.0, y=SQUARE.y, size=SQUARE.size * SEARCH_WIDTH)
    wider = replace(around, size=SQUARE.size * (SEARCH_WIDTH + SEARCH_WIDTH_PER_SECOND / 30))
    assert places == [WHOLE, around, WHOLE, pytest.approx(wider), WHOLE]


def test_who_is_found_around_the_last_crop_is_not_looked_for_again() -> None:
    people, _, places = tracked([[SQUARE], [SQUARE]], [0.9, 0.1, 0.9, 0.9])
    assert people == [1, 1, 1]
    assert len(places) == 2


def test_who_is_lost_beside_others_is_looked_for_until_found() -> None:
    people, crops, places = tracked([[SQUARE, FAR], [], [FAR]], [0.9, 0.9, 0.9, 0.1, 0.9, 0.9])
    assert people == [2, 1, 2]
    assert crops == [300, 900, 350, 950, 400, 900]
    assert [place.x for place in places if place != WHOLE] == [950, 950]


def test_newcomers_are_looked_for_now_and_then_and_nobody_is_taken_twice() -> None:
    again = replace(SQUARE, x=455.0)
    people, crops, _ = tracked([[SQUARE], [again, FAR]], [0.9, 0.9, 0.9, 0.9], fps=0.9)
    assert people == [1, 1, 2]
    assert crops == [300, 350, 400, 900]


def test_a_wide_picture_is_looked_at_whole_at_the_start_and_then_in_turn() -> None:
    people, _, places = tracked([[SQUARE], [FAR], [], []], [0.9] * 6, fps=0.4, width=8)
    assert people == [2, 2, 2]
    assert [place.x for place in places] == [2, 6, 6, 2]


def test_the_largest_of_all_squares_are_followed() -> None:
    small = [replace(SQUARE, x=1000.0 * i, size=150.0) for i in range(3)]
    people, crops, _ = tracked([small, [FAR]], [0.9] * 9, width=8)
    assert people == [3, 3, 3]
    assert crops[0] == FAR.x


def test_two_crops_of_one_person_become_one() -> None:
    people, _, _ = tracked([[SQUARE, replace(SQUARE, x=315.0)]], [0.9] * 3)
    assert people == [1, 1, 1]
    one, other = replace(SQUARE, x=WALL - 80), replace(SQUARE, x=WALL - 40)
    assert tracked([[one, other]], [0.9] * 5)[0] == [2, 1, 1]


def test_a_crop_around_two_people_is_nobody() -> None:
    upper, lower = replace(SQUARE, y=150.0), replace(SQUARE, y=350.0)
    around = replace(SQUARE, y=250.0, size=2 * SQUARE.size)
    assert holds_several(around, [upper, lower, around])
    assert not holds_several(around, [upper, around])
    assert not holds_several(around, [upper, replace(lower, x=SQUARE.x + 300)])
    people, crops, _ = tracked([[around, upper, lower]], [0.9] * 6)
    assert people == [2, 2, 2]
    assert len(crops) == 6


def test_an_athlete_in_front_of_two_who_stand_side_by_side_is_somebody() -> None:
    left, right = replace(SQUARE, x=200.0), replace(SQUARE, x=400.0)
    athlete = replace(SQUARE, size=2.2 * SQUARE.size)
    assert not holds_several(athlete, [left, right, athlete])


def test_no_more_than_three_people_are_followed() -> None:
    crowd = [replace(SQUARE, x=200.0 * i) for i in range(5)]
    assert tracked([crowd], [0.9] * 9)[0] == [3, 3, 3]


@pytest.mark.parametrize(("size", "people"), [(1.1, [3, 3, 4]), (0.9, [3, 3, 3])])
def test_who_comes_later_and_is_larger_than_three_others_is_followed_too(
    size: float, people: list[int]
) -> None:
    crowd = [replace(SQUARE, x=1000.0 * i) for i in range(3)]
    late = replace(SQUARE, x=5000.0, size=size * SQUARE.size)
    assert tracked([crowd, [late]], [0.9] * sum(people), fps=0.9)[0] == people


def test_a_fourth_makes_no_room_for_a_fifth() -> None:
    crowd = [replace(SQUARE, x=1000.0 * i) for i in range(3)]
    late = [replace(SQUARE, x=5000.0, size=size * SQUARE.size) for size in (1.2, 1.1)]
    assert tracked([crowd, late], [0.9] * 11, fps=0.4)[0] == [3, 4, 4]
