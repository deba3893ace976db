"""All eight display matrices, and the box that goes back through them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from posebatch_workers.video.orientation import Orientation, from_matrix

EIGHT = [
    Orientation(degrees=degrees, mirrored=mirrored)
    for degrees, mirrored in product((0, 90, 180, 270), (False, True))
]


def matrix(a: int, b: int, c: int, d: int, scale: int = 1 << 16) -> bytes:
    values = [a * scale, b * scale, 0, c * scale, d * scale, 0, 7 << 16, 9 << 16, 1 << 30]
    return np.asarray(values, np.int32).tobytes()


@pytest.mark.parametrize(
    ("abcd", "degrees", "mirrored"),
    [
        ((1, 0, 0, 1), 0, False),
        ((0, 1, -1, 0), 90, False),
        ((-1, 0, 0, -1), 180, False),
        ((0, -1, 1, 0), 270, False),
        ((-1, 0, 0, 1), 0, True),
        ((0, 1, 1, 0), 90, True),
        ((1, 0, 0, -1), 180, True),
        ((0, -1, -1, 0), 270, True),
    ],
)
def test_each_matrix(abcd: tuple[int, int, int, int], degrees: int, mirrored: bool) -> None:
    wanted = Orientation(degrees=degrees, mirrored=mirrored)
    assert from_matrix(matrix(*abcd)) == wanted
    assert from_matrix(matrix(*abcd, scale=1 << 15)) == wanted


def test_a_matrix_moves_points_as_the_turn_moves_pixels() -> None:
    stored = np.zeros((4, 6, 3), np.uint8)
    stored[1, 5] = 255
    for orientation in EIGHT:
        sign = -1 if orientation.mirrored else 1
        cos, sin = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[orientation.degrees]
        a, b, c, d = sign * cos, sin, sign * -sin, cos
        assert from_matrix(matrix(a, b, c, d)) == orientation
        width, height = orientation.shape(6, 4)
        upright = np.empty((height, width, 3), np.uint8)
        orientation.apply(stored, upright)
        # The centre of the pixel, from the centre of the picture.
        p, q = 5 + 0.5 - 3, 1 + 0.5 - 2
        x, y = a * p + c * q + width / 2, b * p + d * q + height / 2
        assert np.argwhere(upright[:, :, 0]).tolist() == [[int(y), int(x)]]


@pytest.mark.parametrize("orientation", EIGHT)
def test_a_box_of_the_upright_picture_is_found_in_the_stored_one(orientation: Orientation) -> None:
    stored = np.arange(40 * 20 * 3, dtype=np.uint32).astype(np.uint8).reshape(20, 40, 3)
    width, height = orientation.shape(40, 20)
    upright = np.empty((height, width, 3), np.uint8)
    orientation.apply(stored, upright)
    x1, y1, x2, y2 = orientation.stored_box((0.1, 0.2, 0.5, 0.9))
    part = stored[round(y1 * 20) : round(y2 * 20), round(x1 * 40) : round(x2 * 40)]
    turned = np.empty((*orientation.shape(*part.shape[1::-1])[::-1], 3), np.uint8)
    orientation.apply(np.ascontiguousarray(part), turned)
    wanted = upright[
        round(0.2 * height) : round(0.9 * height), round(0.1 * width) : round(0.5 * width)
    ]
    assert np.array_equal(turned, wanted)
