"""Shrinking on the stored planes agrees with FFmpeg's area filter, in every layout."""

from __future__ import annotations

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from posebatch_workers.video.shrink import Shrinker

FORMATS = [
    "yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p12le",
    "nv12", "p010le", "gray", "bgr0",
]  # fmt: skip


def textured(width: int, height: int, pixel_format: str) -> av.VideoFrame:
    """Waves that are too short for the small picture, over a slope that is not."""
    y, x = np.mgrid[0:height, 0:width]
    slope = np.stack([x * 150 / width, y * 150 / height, (x + y) * 60 / width], axis=2)
    picture = 40 + slope + 40 * ((x + y) % 2)[:, :, None]
    frame = av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")
    return frame.reformat(format=pixel_format)


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("size", [(160, 120), (100, 75), (53, 40)])
def test_every_layout(pixel_format: str, size: tuple[int, int]) -> None:
    frame = textured(320, 240, pixel_format)
    small = Shrinker(*size).shrink(frame)
    assert (small.width, small.height, small.format.name) == (*size, pixel_format)
    area = VideoReformatter().reformat(frame, *size, interpolation="AREA")
    got, wanted = (f.to_ndarray(format="rgb24").astype(int) for f in (small, area))
    assert np.abs(got - wanted)[2:-2, 2:-2].mean() < 3


def test_a_palette_becomes_colours() -> None:
    stripes = np.tile(np.arange(320) // 20, (240, 1)).astype(np.uint8)
    reds = np.array([[255, 16 * min(n, 15), 0, 0] for n in range(256)], np.uint8)  # ARGB
    frame = av.VideoFrame.from_ndarray((stripes, reds), format="pal8")

    small = Shrinker(160, 120).shrink(frame).to_ndarray(format="rgb24")

    assert small[60, 5::10, 0].astype(int) == pytest.approx(16 * np.arange(16), abs=1)


@pytest.mark.parametrize("size", [(161, 121), (107, 93), (320, 200)])
def test_odd_sizes_and_other_proportions(size: tuple[int, int]) -> None:
    small = Shrinker(*size).shrink(textured(331, 243, "yuv420p"))
    area = VideoReformatter().reformat(textured(331, 243, "yuv420p"), *size, interpolation="AREA")
    got, wanted = (f.to_ndarray(format="rgb24").astype(int) for f in (small, area))
    assert got.shape == (size[1], size[0], 3)
    assert np.abs(got - wanted)[2:-2, 2:-2].mean() < 8


def test_the_right_size_goes_through_untouched() -> None:
    frame = textured(64, 48, "yuv420p")
    assert Shrinker(64, 48).shrink(frame) is frame


def test_tags_go_along_from_picture_to_picture() -> None:
    shrinker, frame = Shrinker(64, 48), textured(320, 240, "yuv420p")
    for colorspace, color_range in ((1, 1), (9, 2)):
        frame.colorspace, frame.color_range = colorspace, color_range
        small = shrinker.shrink(frame)
        assert (small.colorspace, small.color_range) == (colorspace, color_range)
