"""Narrowing to 8 bits: rounded levels, the same tags, and what has no quick way left alone."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest

from posebatch_workers.video.narrow import Narrower
from posebatch_workers.video.planes import planes


def wide(pixel_format: str, factor: int) -> Any:
    """A picture whose samples are `factor` times 0.4 more than whole levels of 8 bits."""
    frame = av.VideoFrame(70, 34, pixel_format)
    random = np.random.default_rng(5)
    for plane in planes(frame):
        plane[:] = random.integers(16, 235, plane.shape) * factor + int(0.4 * factor)
    frame.colorspace, frame.color_range, frame.color_trc = 9, 1, 16
    return frame


@pytest.mark.parametrize(
    ("pixel_format", "narrowed", "factor"),
    [
        ("yuv420p10le", "yuv420p", 4),
        ("yuv422p12le", "yuv422p", 16),
        ("yuv444p10le", "yuv444p", 4),
        ("p010le", "nv12", 256),
    ],
)
def test_levels_are_rounded(pixel_format: str, narrowed: str, factor: int) -> None:
    frame = wide(pixel_format, factor)
    narrow = Narrower().narrow(frame)
    assert (narrow.format.name, narrow.width, narrow.height) == (narrowed, 70, 34)
    for before, after in zip(planes(frame), planes(narrow), strict=True):
        np.testing.assert_array_equal(after, before // factor)
    assert (narrow.colorspace, narrow.color_range, narrow.color_trc) == (9, 1, 16)


def test_the_brightest_level_stays_the_brightest() -> None:
    frame = av.VideoFrame(16, 16, "yuv420p10le")
    for plane in planes(frame):
        plane[:] = 1023
    assert all((plane == 255).all() for plane in planes(Narrower().narrow(frame)))


@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "rgb24", "yuv420p10be"])
def test_other_pictures_are_left_alone(pixel_format: str) -> None:
    frame = av.VideoFrame(16, 16, pixel_format)
    assert Narrower().narrow(frame) is frame
