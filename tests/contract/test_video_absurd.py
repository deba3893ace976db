"""Headers with numbers that no camera writes: each is named or not believed."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from contract.video_patterns import Pattern, regular, write
from contract.video_readers import WAYS, Open, frames, reader
from posebatch_shared.errors import VideoTooLarge
from posebatch_workers.video.opening import check_ticks
from posebatch_workers.video.reader import ReadOptions

MOST = 0xFFFFFFFF


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


def patched(path: Path, mark: bytes, offset: int, numbers: tuple[int, ...], order: str) -> Path:
    """A clip of 30 pictures whose header has these numbers so many bytes behind a mark."""
    pattern = Pattern(
        times=regular(30, 30),
        encoder="mpeg4",
        time_base=Fraction(1, 30),
        pixel_aspect=Fraction(4, 3),
    )
    content = bytearray(write(path, pattern).read_bytes())
    struct.pack_into(f"{order}{len(numbers)}I", content, content.index(mark) + 4 + offset, *numbers)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("aspect", [(1, 1000), (1000, 1), (1, 5), (1, 0), (0, 1), (MOST, 1)])
def test_pixels_of_an_impossible_shape_are_not_believed(
    aspect: tuple[int, int], open_clip: Open, tmp_path: Path
) -> None:
    """What the pictures themselves say holds, or that pixels are square."""
    path = patched(tmp_path / "shape.mp4", b"pasp", 0, aspect, ">")
    with open_clip(path, ReadOptions()) as video:
        assert video.probe.pixel_aspect == pytest.approx(4 / 3)
        assert {frame.pixels.shape for frame in frames(video)} == {(96, 171, 3)}


def test_pixels_of_half_the_columns_are_believed(open_clip: Open, tmp_path: Path) -> None:
    """Discs of 352 × 576 shown as 16:9 have the widest pixels there are."""
    path = patched(tmp_path / "shape.mp4", b"pasp", 0, (32, 11), ">")
    with open_clip(path, ReadOptions()) as video:
        assert video.probe.pixel_aspect == pytest.approx(32 / 11)


@pytest.mark.parametrize("rate", [(0, 30), (1, 0), (0, 0)])
def test_a_rate_that_is_no_number_is_not_believed(
    rate: tuple[int, int], open_clip: Open, tmp_path: Path
) -> None:
    with open_clip(patched(tmp_path / "rate.avi", b"strh", 24, rate, "<"), ReadOptions()) as video:
        assert video.probe.fps == pytest.approx(30, abs=0.01)
        assert len(list(frames(video))) == 30


@pytest.mark.parametrize(
    ("name", "mark", "offset", "numbers", "order"),
    [
        ("rate.avi", b"strh", 24, (1, MOST), "<"),
        ("years.avi", b"strh", 24, (MOST, 1), "<"),
        ("rate.mp4", b"stts", 12, (1,), ">"),
        ("days.mp4", b"stts", 12, (MOST // 2,), ">"),
    ],
)
def test_impossible_rates_and_lengths_are_named(
    name: str,
    mark: bytes,
    offset: int,
    numbers: tuple[int, ...],
    order: str,
    open_clip: Open,
    tmp_path: Path,
) -> None:
    path = patched(tmp_path / name, mark, offset, numbers, order)
    with pytest.raises(VideoTooLarge), open_clip(path, ReadOptions()) as video:
        list(frames(video))


@pytest.mark.parametrize(
    ("name", "encoder"), [("fast.mkv", "libx264"), ("fast.webm", "libvpx-vp9")]
)
def test_pictures_that_come_faster_than_the_clock_ticks_are_named(
    name: str, encoder: str, open_clip: Open, tmp_path: Path
) -> None:
    """Matroska counts milliseconds: at 1200 pictures a second every sixth would be lost."""
    path = tmp_path / name
    write(path, at_rate(1200, encoder))
    with pytest.raises(VideoTooLarge, match="clock"), open_clip(path, ReadOptions()):
        pass
    write(path, at_rate(1000, encoder))
    with open_clip(path, ReadOptions()) as video:
        assert len(list(frames(video))) == 60


def test_one_time_written_twice_is_a_mistake_and_no_clock_too_slow() -> None:
    check_ticks([0, 0, *range(1, 12)], Fraction(1, 30))
    with pytest.raises(VideoTooLarge, match="30 a second"):
        check_ticks([0, 0, 1, 1, 2, 2, 3, 3], Fraction(1, 30))


def at_rate(fps: int, encoder: str) -> Pattern:
    """Sixty pictures of a clip for slow motion."""
    return Pattern(
        times=regular(60, fps), encoder=encoder, time_base=Fraction(1, fps), rate=Fraction(fps)
    )
