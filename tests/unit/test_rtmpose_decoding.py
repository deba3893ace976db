"""Curves, raw heads, letterboxes and crops: is each step undone exactly?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posebatch_workers.trackers.crop import (
    BGR,
    IMAGENET_RGB,
    PAD,
    crop_windows,
    cut,
    from_letterbox,
    from_windows,
    letterbox,
    letterbox_scale,
)
from posebatch_workers.trackers.simcc import decode_simcc
from posebatch_workers.trackers.yolox import STRIDES, decode_raw, suppress


def bell(centre: float, bins: int, height: float = 0.9) -> np.ndarray:
    curve = height - 0.001 * (np.arange(bins) - centre) ** 2
    return curve.astype(np.float32)[None, None]


@given(x=st.floats(0, 191), y=st.floats(0, 255))
def test_the_parabola_finds_places_between_bins(x: float, y: float) -> None:
    points, scores = decode_simcc(bell(2 * x, 384), bell(2 * y, 512))
    inside = 0.5 < x < 190.5 and 0.5 < y < 254.5
    assert points[0, 0] == pytest.approx((x, y), abs=0.02 if inside else 0.51)
    assert scores[0, 0] == pytest.approx(0.9, abs=0.01)


def test_flat_and_negative_curves_keep_the_bin_and_a_score_in_range() -> None:
    flat = np.zeros((1, 2, 8), np.float32)
    flat[0, 1] = -3.0
    points, scores = decode_simcc(flat, flat)
    assert np.isfinite(points).all()
    assert scores.tolist() == [[0.0, 0.0]]


def test_raw_heads_are_decoded_and_suppressed() -> None:
    side = 64
    rows = np.zeros((sum((side // s) ** 2 for s in STRIDES), 6), np.float32)
    # Twice the same person from neighbouring cells of stride 8, once another from stride 32.
    first_of_32 = (side // 8) ** 2 + (side // 16) ** 2
    rows[8 * 2 + 3] = (0.5, 0.5, np.log(2), np.log(3), 0.9, 1.0)
    rows[8 * 2 + 4] = (-0.5, 0.5, np.log(2), np.log(3), 0.8, 1.0)
    rows[first_of_32 + 3] = (0.0, 0.0, 0.0, 0.0, 0.7, 0.9)
    boxes, scores = decode_raw(rows, side, side, confidence=0.5)
    assert boxes.tolist() == pytest.approx(np.array([[20, 8, 36, 32], [16, 16, 48, 48]]), abs=1e-3)
    assert scores == pytest.approx([0.9, 0.63])


def test_nothing_to_suppress() -> None:
    assert suppress(np.empty((0, 4), np.float32), np.empty(0, np.float32)) == []


@pytest.mark.parametrize("shape", [(720, 1280), (1280, 720), (37, 50), (416, 416)])
def test_letterbox_and_back(shape: tuple[int, int]) -> None:
    picture = np.zeros((*shape, 3), np.uint8)
    boxed = letterbox(picture, 416, 416)
    scale = letterbox_scale(shape, 416, 416)
    assert boxed.shape == (416, 416, 3)
    assert (boxed[:, int(shape[1] * scale) :] == PAD).all()
    assert (boxed[int(shape[0] * scale) :] == PAD).all()
    corner = np.array([[int(shape[1] * scale) - 0.5, int(shape[0] * scale) - 0.5]], np.float32)
    back = from_letterbox(corner, shape, 416, 416)
    assert back[0] == pytest.approx((shape[1] - 0.5, shape[0] - 0.5), abs=1e-2)


@given(
    left=st.floats(0, 500), top=st.floats(0, 500), wide=st.floats(5, 400), tall=st.floats(5, 400)
)
def test_windows_hold_the_box_with_its_margin(
    left: float, top: float, wide: float, tall: float
) -> None:
    boxes = np.array([[left, top, left + wide, top + tall]], np.float32)
    windows = crop_windows(boxes, 256, 192)
    assert windows[0, 2] / windows[0, 3] == pytest.approx(192 / 256, rel=1e-5)
    assert (windows[0, 2:] >= np.array((wide, tall)) * 1.2499).all()
    middle = np.array([[[96.0, 128.0]]], np.float32)
    centre = from_windows(middle, windows, 256, 192)[0, 0]
    assert centre == pytest.approx((left + wide / 2, top + tall / 2), abs=1e-2)


def test_a_pixel_of_the_crop_is_where_the_way_back_says() -> None:
    picture = np.zeros((400, 300, 3), np.uint8)
    picture[200, 120] = 255
    (window,) = crop_windows(np.array([[80, 120, 170, 260]], np.float32), 256, 192)
    y, x = np.unravel_index(cut(picture, window, 256, 192)[:, :, 0].argmax(), (256, 192))
    back = from_windows(np.array([[[x, y]]], np.float32), window[None], 256, 192)
    assert back[0, 0] == pytest.approx((120, 200), abs=0.5)


def test_channels_and_normalisation() -> None:
    pixels = np.zeros((1, 1, 3), np.uint8)
    pixels[0, 0] = (10, 20, 30)  # red, green, blue
    out = np.empty((3, 1, 1), np.float32)
    BGR.write(pixels, out)
    assert out.ravel().tolist() == [30, 20, 10]
    IMAGENET_RGB.write(pixels, out)
    want = [(10 - 123.675) / 58.395, (20 - 116.28) / 57.12, (30 - 103.53) / 57.375]
    assert out.ravel() == pytest.approx(want, rel=1e-5)
