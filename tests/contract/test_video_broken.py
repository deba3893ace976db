"""Broken, hostile and absurd files: each gives one named error, in this process and sandboxed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from contract.video_patterns import Pattern, read, regular, write
from contract.video_readers import WAYS, Open, frames, reader
from posebatch_shared.errors import (
    EmptyFile,
    FileNotFound,
    NoFrames,
    NotAVideo,
    NoVideoStream,
    PermanentError,
    PosebatchError,
    TooManyDecodeErrors,
    Truncated,
    VideoTooLarge,
)
from posebatch_workers.video.reader import Limits, ReadOptions

TIMES = regular(60, 30)
AVI = Pattern(times=TIMES, encoder="mpeg4", time_base=Fraction(1, 30))
FASTSTART = {"movflags": "faststart"}
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov", "frag_duration": "300000"}


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


def cut(path: Path, share: float) -> Path:
    os.truncate(path, int(path.stat().st_size * share))
    return path


def damage(path: Path, start: float, stop: float) -> Path:
    """Overwrite the bytes between two shares of the file."""
    content = bytearray(path.read_bytes())
    first, last = int(len(content) * start), int(len(content) * stop)
    content[first:last] = b"\xff" * (last - first)
    path.write_bytes(content)
    return path


def text(path: Path) -> Path:
    path.write_text("This is not a video, whatever its name says.\n" * 50)
    return path


def playlist(path: Path) -> Path:
    """A format that would make the reader open another file by name."""
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n")
    return path


def concat_script(path: Path) -> Path:
    path.write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path


def audio_only(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.sample_rate = 48_000
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))
    return path


def no_samples(path: Path) -> Path:
    """A sound header with a video track, and not one sample in it."""
    with av.open(str(path), "w", options={"movflags": "empty_moov"}) as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        container.start_encoding()
    return path


BROKEN: dict[str, tuple[Callable[[Path], Path], type[PosebatchError]]] = {
    "missing.mp4": (lambda path: path, FileNotFound),
    "empty.mp4": (empty, EmptyFile),
    "text.mp4": (text, NotAVideo),
    "playlist.mp4": (playlist, NotAVideo),
    "concat.mp4": (concat_script, NotAVideo),
    "folder.mp4": (folder, NotAVideo),
    "pipe.mp4": (pipe, NotAVideo),
    "audio.mp4": (audio_only, NoVideoStream),
    "no-samples.mp4": (no_samples, NoFrames),
    "no-index.mp4": (lambda path: cut(write(path, Pattern(times=TIMES)), 0.6), Truncated),
    "header-only.mp4": (
        lambda path: cut(write(path, Pattern(times=TIMES, muxer=FASTSTART)), 0.1),
        Truncated,
    ),
    "cut.mp4": (
        lambda path: cut(write(path, Pattern(times=TIMES, muxer=FASTSTART)), 0.7),
        Truncated,
    ),
    "cut-fragmented.mp4": (
        lambda path: cut(write(path, Pattern(times=TIMES, muxer=FRAGMENTED)), 0.5),
        Truncated,
    ),
    "cut.mkv": (lambda path: cut(write(path, Pattern(times=TIMES)), 0.5), Truncated),
    "cut.avi": (lambda path: cut(write(path, AVI), 0.5), Truncated),
    "damaged.mp4": (
        lambda path: damage(write(path, Pattern(times=TIMES, muxer=FASTSTART)), 0.4, 0.9),
        TooManyDecodeErrors,
    ),
}


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
