"""What a video file says of itself in its first few reads, without a decoder.

Containers: MP4 and MOV (ISO/IEC 14496-12: moov, trak, mdia, stbl) and AVI (avih). Nothing found
here decides anything but how long a run is said to take.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from posebatch_shared.jobs import VideoHeader

#: Boxes looked at on one level, and the size that the first one that is read into may have.
_MOST_BOXES = 64
_MOST_BYTES = 64 << 20
#: Larger pictures are refused when they are read; a frame has a byte at least.
_MOST_PIXELS = 8192 * 8192

_Box = tuple[bytes, int, int]  # type, first byte of its content, first byte behind it


def read_header(path: Path) -> VideoHeader | None:
    """Frames and size of the file's first video track; None where it does not say, or not here."""
    try:
        with path.open("rb") as file:
            start, size = file.read(72), path.stat().st_size
            avi = start[:4] == b"RIFF" and start[8:12] == b"AVI "
            tracks = iter([_avi(start)]) if avi else _tracks(file, size)
            return next((track for track in tracks if _plausible(track, size)), None)
    except (OSError, struct.error):
        return None


def _plausible(said: VideoHeader, size: int) -> bool:
    """Whether a damaged header can be ruled out: one file must not spoil what is said of a run."""
    return 0 < said.frames <= size and 0 < said.pixels <= _MOST_PIXELS


def _avi(start: bytes) -> VideoHeader:
    (frames,) = struct.unpack_from("<I", start, 48)
    return VideoHeader(frames=frames, pixels=_area(start, "<II", 64))


def _area(data: bytes, layout: str, offset: int) -> int:
    width, height = struct.unpack_from(layout, data, offset)
    return int(width * height)


def _tracks(file: BinaryIO, size: int) -> Iterator[VideoHeader]:
    """What each video track of the first `moov` says."""
    for kind, start, end in _boxes(file, 0, size):
        if kind == b"moov" and end - start <= _MOST_BYTES:
            tracks = (_track(file, s, e) for k, s, e in _boxes(file, start, end) if k == b"trak")
            yield from (track for track in tracks if track)
            return


def _track(file: BinaryIO, start: int, end: int) -> VideoHeader | None:
    """The sample table of a track, if it is video."""
    for name in (b"mdia", b"minf", b"stbl"):
        inner = {kind: (s, e) for kind, s, e in _boxes(file, start, end)}
        if name not in inner or not _may_hold_video(file, name, inner):
            return None
        start, end = inner[name]
    table = {kind: s for kind, s, _ in _boxes(file, start, end)}
    if b"stsd" not in table or b"stsz" not in table:
        return None
    (frames,) = struct.unpack(">I", _read(file, table[b"stsz"] + 8, 4))
    return VideoHeader(frames=frames, pixels=_area(_read(file, table[b"stsd"] + 40, 4), ">HH", 0))


def _may_hold_video(file: BinaryIO, name: bytes, inner: Mapping[bytes, tuple[int, int]]) -> bool:
    """The media box names its handler beside `minf`; QuickTime has another one further in."""
    return name != b"minf" or (
        b"hdlr" in inner and _read(file, inner[b"hdlr"][0] + 8, 4) == b"vide"
    )


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack(">I4s", _read(file, start, 8))
        content = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", _read(file, content, 8))
            content += 8
        stop = end if size == 0 else start + size
        if stop < content or stop > end:
            return
        yield kind, content, stop
        start = stop


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    return file.read(size)
