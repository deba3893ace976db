"""blazepose's geometry: crops and back, boxes and heatmaps."""

from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np
import pytest
from numpy.typing import NDArray

from posebatch_workers.trackers.blazepose import detector
from posebatch_workers.trackers.blazepose.detector import anchors, distinct_people
from posebatch_workers.trackers.blazepose.landmarks import SIDE, Landmarks, refined
from posebatch_workers.trackers.blazepose.regions import (
    MARGIN,
    Region,
    around_body,
    squares_of,
    steadied,
    whole_picture,
)

SQUARE = Region(x=300.0, y=220.0, size=200.0, turn=0.4)


def point(x: float, y: float) -> NDArray[np.float32]:
    return np.array([x, y], np.float32)


def centre_of_mass(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    rows, columns = np.indices(picture.shape[:2])
    mass = picture[..., 0].astype(float)
    return np.array([(columns * mass).sum(), (rows * mass).sum()]) / mass.sum()


@pytest.mark.parametrize("region", [SQUARE, replace(SQUARE, turn=-2.0), replace(SQUARE, size=90.0)])
def test_a_mark_in_the_picture_is_found_again_through_the_crop(region: Region) -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[238:243, 318:323] = 255
    crop = region.crop(picture, SIDE)
    np.testing.assert_allclose(
        region.to_picture(np.asarray(centre_of_mass(crop) / SIDE, np.float32)), (320, 240), atol=0.6
    )


def test_outside_the_picture_the_edge_is_repeated_or_black() -> None:
    white = np.full((100, 40, 3), 255, np.uint8)
    assert whole_picture(white) == Region(x=20.0, y=50.0, size=100.0)
    assert whole_picture(white).crop(white, 50).min() == 255
    black_sides = whole_picture(white).crop(white, 50, border=0)
    assert black_sides[:, :14].max() == 0
    assert black_sides[:, 16:34].min() == 255


@pytest.mark.parametrize(
    ("width", "middles"), [(90, [45]), (120, [60]), (178, [50, 128]), (250, [50, 125, 200])]
)
def test_a_wide_picture_is_seen_in_squares_side_by_side(width: int, middles: list[float]) -> None:
    squares = squares_of(np.zeros((100, width, 3), np.uint8))
    assert [square.x for square in squares] == middles
    assert {square.size for square in squares} == {max(100, width) if len(middles) == 1 else 100}


def test_the_crop_turns_with_the_body() -> None:
    upright = around_body(point(100, 200), point(100, 120))
    assert upright == Region(x=100.0, y=200.0, size=2 * MARGIN * 80, turn=0.0)
    lying = around_body(point(100, 200), point(180, 200))
    assert lying.turn == pytest.approx(pi / 2)
    head = lying.to_picture(point(0.5, 0.0))
    assert head[0] > 180
    assert head[1] == pytest.approx(200, abs=1e-3)


def test_a_crop_is_held_against_trembling_and_let_go_with_movement() -> None:
    assert steadied(SQUARE, replace(SQUARE, x=302.0, turn=0.42, size=203.0)) is SQUARE
    for moved in (
        replace(SQUARE, y=225.0),
        replace(SQUARE, size=210.0),
        replace(SQUARE, turn=0.5),
    ):
        assert steadied(SQUARE, moved) is moved
    across_pi = replace(SQUARE, turn=pi - 0.01)
    assert steadied(across_pi, replace(SQUARE, turn=-pi + 0.01)) is across_pi


def test_anchors_are_the_cells_of_three_grids() -> None:
    centres = anchors()
    assert centres.shape == (2254, 2)
    np.testing.assert_allclose(centres[[0, 1, 2]], [[0.5 / 28] * 2] * 2 + [[1.5 / 28, 0.5 / 28]])
    np.testing.assert_allclose(centres[-1], [6.5 / 7] * 2)


def test_boxes_of_one_person_are_averaged_by_score_and_others_kept_apart() -> None:
    centres = np.array([[0.5, 0.5], [0.5, 0.5], [0.1, 0.1], [0.5, 0.5]], np.float32)
    raw = np.zeros((4, 12), np.float32)
    raw[:, 2:4] = 0.4 * detector.SIDE
    raw[1, [0, 4]] = 0.04 * detector.SIDE  # box and first keypoint a little to the right
    raw[3, [0, 4]] = 0.05 * detector.SIDE
    logits = np.log(np.array([0.9, 0.6, 0.8, 0.2]) / (1 - np.array([0.9, 0.6, 0.8, 0.2])))
    one, other = distinct_people(raw, logits.astype(np.float32), centres, 0.5)
    expected = 0.5 + 0.04 * 0.6 / 1.5
    np.testing.assert_allclose(one[[0, 2], 0], expected, rtol=1e-5)
    np.testing.assert_allclose(one[1], 0.4, rtol=1e-5)
    np.testing.assert_allclose(other[0], 0.1, rtol=1e-5)
    assert distinct_people(raw, logits.astype(np.float32), centres, 0.95) == []


def test_a_landmark_moves_to_the_peak_of_its_heatmap_if_that_is_sure() -> None:
    heatmap = np.full((4, 64, 64), -20.0, np.float32)
    heatmap[0, 20, 31] = heatmap[1, 0, 1] = 8.0
    heatmap[2, 20, 31] = -1.0
    heatmap[3, 63, 63] = 8.0
    places = np.array([[30.4, 20.9], [0.2, 0.2], [30.4, 20.9], [70.0, 63.0]], np.float32) / 64
    moved = refined(places, heatmap) * 64
    np.testing.assert_allclose(moved, [[31, 20], [1, 0], [30.4, 20.9], [70, 63]], atol=1e-3)


class FakeNetwork:
    """Answers with one landmark vector, sure presence and an empty heatmap."""

    def run(self, *, pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        assert pixels.shape == (1, SIDE, SIDE, 3)
        points = np.zeros((39, 5), np.float32)
        points[:, :3] = (128.0, 64.0, -32.0)
        points[34] = (128.0, 0.0, 0.0, 0.0, 0.0)
        heatmap = np.full((1, 39, 64, 64), -20, np.float32)
        return [points.reshape(1, -1), np.ones((1, 1), np.float32), heatmap]


def test_landmarks_come_back_in_units_of_the_picture() -> None:
    found = Landmarks(FakeNetwork()).find(  # type: ignore[arg-type]
        np.zeros((400, 800, 3), np.uint8), Region(x=400.0, y=200.0, size=100.0)
    )
    assert found.keypoints.shape == (33, 3)
    np.testing.assert_allclose(found.keypoints[0], [0.5, 175 / 400, -12.5 / 800], rtol=1e-6)
    np.testing.assert_allclose(found.visibility, 0.5)
    assert found.next_region == Region(x=400.0, y=175.0, size=2 * MARGIN * 25, turn=0.0)
