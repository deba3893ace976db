"""Pixels mixed from planes are those that FFmpeg makes of them, whatever layout and matrix."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from posebatch_workers.video.mix import Mixer
from posebatch_workers.video.options import Order
from posebatch_workers.video.orientation import AS_STORED, Orientation, Pixels
from posebatch_workers.video.shrink import Shrinker

COLOURED = {1: Colorspace.ITU709, 5: Colorspace.ITU601, 9: Colorspace.BT2020}


def slopes(width: int, height: int, pixel_format: str) -> Any:
    """All hues, changing slowly, so that it does not matter how colours are interpolated."""
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 255 / width, y * 255 / height, (x + y) * 255 / (width + height)], 2)
    rgb = av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")
    return rgb.reformat(format=pixel_format)


def pixels(
    frame: Any,
    width: int,
    height: int,
    colorspace: Colorspace = Colorspace.ITU601,
    *,
    order: Order = "rgb",
    orientation: Orientation = AS_STORED,
) -> Pixels:
    mixer = Mixer(width, height, order, orientation, Shrinker(width, height))
    assert mixer.suits(frame)
    shown_width, shown_height = orientation.shape(width, height)
    out = np.empty((shown_height, shown_width, 3), np.uint8)
    mixer.mix(frame, colorspace, out)
    return out


def mixed(frame: Any, width: int, height: int, colorspace: Colorspace) -> np.ndarray:
    return pixels(frame, width, height, colorspace).astype(int)


def scaled(frame: Any, width: int, height: int, colorspace: Colorspace) -> np.ndarray:
    return (
        VideoReformatter()
        .reformat(frame, width, height, "rgb24", src_colorspace=colorspace, interpolation="AREA")
        .to_ndarray()
        .astype(int)
    )


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12"])
@pytest.mark.parametrize("tag", COLOURED)
def test_layouts_and_matrices(pixel_format: str, tag: int) -> None:
    frame = slopes(320, 240, pixel_format)
    frame.colorspace = tag
    got, wanted = (f(frame, 160, 120, COLOURED[tag]) for f in (mixed, scaled))
    assert np.abs(got - wanted)[1:-1, 1:-1].max() <= 6
    assert abs((got - wanted).mean()) < 3  # swscale itself is up to 4 too dark


@pytest.mark.parametrize("color_range", [ColorRange.MPEG, ColorRange.JPEG])
def test_levels_are_exact_where_nothing_is_scaled(color_range: ColorRange) -> None:
    frame = slopes(64, 48, "yuv444p")
    frame.colorspace, frame.color_range = 1, color_range
    got, wanted = (f(frame, 64, 48, Colorspace.ITU709) for f in (mixed, scaled))
    assert np.abs(got - wanted).max() <= 1


@pytest.mark.parametrize("size", [(165, 121), (83, 60), (53, 40)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    frame = slopes(331, 242, "yuv420p")
    got, wanted = (f(frame, *size, Colorspace.ITU601) for f in (mixed, scaled))
    assert got.shape == (size[1], size[0], 3)
    assert np.abs(got - wanted)[2:-2, 2:-2].mean() < 4


def test_bytes_in_the_other_order() -> None:
    frame = slopes(64, 48, "yuv420p")
    rgb, bgr = (pixels(frame, 32, 24, order=order) for order in ("rgb", "bgr"))
    np.testing.assert_array_equal(rgb, bgr[:, :, ::-1])


@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12"])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_right_way_up(degrees: int, mirrored: bool, pixel_format: str) -> None:
    frame, orientation = (
        slopes(64, 48, pixel_format),
        Orientation(degrees=degrees, mirrored=mirrored),
    )
    as_stored, upright = (
        pixels(frame, 32, 24, orientation=turn) for turn in (AS_STORED, orientation)
    )
    wanted = np.empty_like(upright)
    orientation.apply(as_stored, wanted)
    np.testing.assert_array_equal(upright, wanted)


@pytest.mark.parametrize(
    ("pixel_format", "size"), [("yuv420p", (40, 24)), ("nv12", (32, 25)), ("gray", (8, 8))]
)
def test_pictures_whose_colours_are_too_small_or_none(
    pixel_format: str, size: tuple[int, int]
) -> None:
    frame = slopes(64, 48, pixel_format)
    assert not Mixer(*size, "rgb", AS_STORED, Shrinker(*size)).suits(frame)
