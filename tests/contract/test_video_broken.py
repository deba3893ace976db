"""Broken, hostile and absurd files: each gives one named error, in this process and sandboxed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.video_patterns import Pattern, read, regular, write
from contract.video_readers import WAYS, Open, frames, reader
from contract.video_ruins import BROKEN, FASTSTART, TIMES, cut, damage, text
from posebatch_shared.errors import NotAVideo, PermanentError, TooManyDecodeErrors, VideoTooLarge
from posebatch_workers.video.reader import Limits, ReadOptions


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


def consume(open_clip: Open, path: Path, options: ReadOptions) -> int:
    with open_clip(path, options) as video:
        return sum(1 for _ in frames(video))


@pytest.mark.parametrize("name", BROKEN)
def test_each_kind_of_ruin_has_its_name(name: str, open_clip: Open, tmp_path: Path) -> None:
    make, error = BROKEN[name]
    path = make(tmp_path / name)
    with pytest.raises(error) as caught:
        consume(open_clip, path, ReadOptions())
    assert caught.value.code == error.code
    assert caught.value.advice
    assert isinstance(caught.value, PermanentError)


def test_a_cut_clip_is_readable_if_one_insists(open_clip: Open, tmp_path: Path) -> None:
    path = cut(write(tmp_path / "cut.mp4", Pattern(times=TIMES, muxer=FASTSTART)), 0.7)
    with open_clip(path, ReadOptions(max_error_share=1.0)) as video:
        numbers = [read(frame.pixels)[0] for frame in frames(video)]
    assert 20 < len(numbers) < 60
    assert numbers[:20] == list(range(20))
    assert numbers == sorted(set(numbers))


def test_a_little_damage_is_counted_and_the_rest_kept(open_clip: Open, tmp_path: Path) -> None:
    pattern = Pattern(times=TIMES, muxer=FASTSTART, encoder="mpeg4")
    path = damage(write(tmp_path / "scratched.mp4", pattern), 0.5, 0.52)
    with open_clip(path, ReadOptions(max_error_share=0.5)) as video:
        count = sum(1 for _ in frames(video))
        assert 50 <= count <= 60
        assert video.decode_errors >= 60 - count
        assert video.decode_errors > 0


@pytest.mark.parametrize(
    "limits",
    [
        Limits(max_pixels=100 * 90),
        Limits(max_duration_seconds=1.0),
        Limits(max_fps=20.0),
    ],
)
def test_beyond_the_limits(limits: Limits, open_clip: Open, tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", Pattern(times=TIMES))
    with pytest.raises(VideoTooLarge):
        consume(open_clip, path, ReadOptions(limits=limits))


def test_a_picture_that_grows_beyond_the_limits_in_the_middle(
    open_clip: Open, tmp_path: Path
) -> None:
    """Two clips of different size, one after the other, as some transport streams have them."""
    small = write(tmp_path / "small.ts", Pattern(times=regular(15, 30)))
    large = write(tmp_path / "large.ts", Pattern(times=regular(15, 30, 0.5), width=512, height=384))
    path = tmp_path / "both.ts"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    with pytest.raises((VideoTooLarge, TooManyDecodeErrors)):
        consume(open_clip, path, ReadOptions(limits=Limits(max_pixels=128 * 96)))
    with open_clip(path, ReadOptions(max_error_share=0.5)) as video:
        shapes = {frame.pixels.shape for frame in frames(video)}
    assert shapes == {(96, 128, 3)}


def test_an_error_leaves_the_reader_usable(open_clip: Open, tmp_path: Path) -> None:
    good = write(tmp_path / "good.mp4", Pattern(times=TIMES))
    for _ in range(3):
        with pytest.raises(NotAVideo):
            consume(open_clip, text(tmp_path / "text.mp4"), ReadOptions())
        assert consume(open_clip, good, ReadOptions()) == 60
