"""Broadcasts and clips put together change the shape of their pictures in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from contract.video_patterns import Pattern, read, regular, write
from contract.video_readers import WAYS, Open, frames, reader
from posebatch_workers.video.reader import ReadOptions

TICK = Fraction(1, 30)


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


@pytest.mark.parametrize("suffix", [".ts", ".mpg"])
@pytest.mark.parametrize(
    ("width", "height", "aspect", "columns", "rows"),
    [
        (144, 108, Fraction(1), slice(24, 168), slice(None)),  # 4:3 after 16:9
        (144, 240, Fraction(1), slice(63, 128), slice(None)),  # upright
        (288, 108, Fraction(1), slice(None), slice(18, 90)),  # wider
        (384, 216, Fraction(1), slice(None), slice(None)),  # larger, of the same shape
    ],
)
def test_pictures_of_another_shape_keep_it(
    width: int,
    height: int,
    aspect: Fraction,
    columns: slice,
    rows: slice,
    suffix: str,
    open_clip: Open,
    tmp_path: Path,
) -> None:
    path = tmp_path / f"both{suffix}"
    first = {"width": 144, "height": 108, "pixel_aspect": Fraction(4, 3)}
    second = {"width": width, "height": height, "pixel_aspect": aspect}
    with path.open("wb") as both:
        for start, shape in ((0.0, first), (10 / 30, second)):
            times = regular(10, 30, start)
            pattern = Pattern(times=times, encoder="mpeg2video", time_base=TICK, **shape)
            both.write(write(tmp_path / f"one{suffix}", pattern).read_bytes())

    with open_clip(path, ReadOptions()) as video:
        pictures = [frame.pixels.copy() for frame in frames(video)]

    assert {picture.shape for picture in pictures} == {(108, 192, 3)}
    assert [read(picture)[0] for picture in pictures[:8]] == list(range(8))
    last = [read(picture[rows, columns]) for picture in pictures[-8:]]
    assert last == [(number, (0, 1, 2, 3)) for number in range(2, 10)]
    borders = pictures[-1].copy()
    borders[rows, columns] = 0
    assert not borders.any()
