"""Broken and hostile files, each with the error that it must give."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from contract.video_patterns import Pattern, regular, write
from posebatch_shared.errors import (
    EmptyFile,
    FileNotFound,
    NoFrames,
    NotAVideo,
    NoVideoStream,
    PosebatchError,
    TooManyDecodeErrors,
    Truncated,
)

TIMES = regular(60, 30)
AVI = Pattern(times=TIMES, encoder="mpeg4", time_base=Fraction(1, 30))
FASTSTART = {"movflags": "faststart"}
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov", "frag_duration": "300000"}


def cut(path: Path, share: float) -> Path:
    os.truncate(path, int(path.stat().st_size * share))
    return path


def cut_behind(path: Path, mark: bytes, nth: int = 1) -> Path:
    """End the file within what the mark begins."""
    content = path.read_bytes()
    at = -1
    for _ in range(nth):
        at = content.index(mark, at + 1)
    os.truncate(path, at + len(mark) + 8)
    return path


def damage(path: Path, start: float, stop: float) -> Path:
    """Overwrite the bytes between two shares of the file."""
    content = bytearray(path.read_bytes())
    first, last = int(len(content) * start), int(len(content) * stop)
    content[first:last] = b"\xff" * (last - first)
    path.write_bytes(content)
    return path


def endless_index(path: Path) -> Path:
    """An index whose table of times claims two thousand million entries."""
    content = bytearray(path.read_bytes())
    count = content.index(b"stts") + 8
    content[count : count + 4] = b"\x7f\xff\xff\xff"
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
    "endless-index.mp4": (lambda path: endless_index(write(path, Pattern(times=TIMES))), Truncated),
    "header-only.mp4": (
        lambda path: cut(write(path, Pattern(times=TIMES, muxer=FASTSTART)), 0.1),
        Truncated,
    ),
    "cut-in-the-index.mp4": (
        lambda path: cut_behind(write(path, Pattern(times=TIMES, before=("audio",))), b"trak", 2),
        Truncated,
    ),
    "cut-before-the-codec.mp4": (
        lambda path: cut_behind(write(path, Pattern(times=TIMES)), b"vmhd"),
        Truncated,
    ),
    "cut-in-the-header.mkv": (
        lambda path: cut_behind(write(path, Pattern(times=TIMES)), b"Lavf"),
        Truncated,
    ),
    "first-packets.ts": (
        lambda path: cut(write(path, Pattern(times=TIMES)), 0.04),
        TooManyDecodeErrors,
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
