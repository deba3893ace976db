"""How much of a file is missing: where its outermost structures say that they end."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_EBML = b"\x1aE\xdf\xa3"
_SEGMENT = b"\x18S\x80g"
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp")
_MOST_BOXES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Bytes that a file declares and has; `known` False for containers that declare none."""

    family: str | None  #: "mov", "matroska", "riff" or None
    declared_bytes: int
    actual_bytes: int
    fragmented: bool = False
    edit_list: bool = False

    @property
    def missing_share(self) -> float:
        """Share of the declared bytes that is not there.

        A cut fragment says nothing about the fragments that should have followed: it counts as all.
        """
        missing = self.declared_bytes - self.actual_bytes
        if missing <= 0:
            return 0.0
        return 1.0 if self.fragmented else missing / self.declared_bytes


def measure(fd: int) -> Extent:
    """Walk the outermost structures of the open file `fd`; at most a few small reads each."""
    size = os.fstat(fd).st_size
    head = os.pread(fd, 64, 0)
    if head[4:8] in _BOXES:
        return _measure_boxes(fd, size)
    if head.startswith(_EBML):
        return Extent(family="matroska", declared_bytes=_segment_end(fd, size), actual_bytes=size)
    if head.startswith(b"RIFF"):
        return Extent(family="riff", declared_bytes=_riff_end(fd, size), actual_bytes=size)
    return Extent(family=None, declared_bytes=size, actual_bytes=size)


def _measure_boxes(fd: int, size: int) -> Extent:
    end, kinds, edit_list = size, set(), False
    for kind, start, stop in _boxes(fd, 0, size):
        kinds.add(kind)
        end = max(end, stop)
        if kind == b"moov":
            edit_list = _holds(fd, start, min(stop, size), b"trak", b"edts", b"elst")
    return Extent(
        family="mov",
        declared_bytes=end,
        actual_bytes=size,
        fragmented=b"moof" in kinds,
        edit_list=edit_list,
    )


def _boxes(fd: int, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte of the content and end of each box from `start` up to `stop`."""
    for _ in range(_MOST_BOXES):
        head = os.pread(fd, 16, start)
        if start + 8 > stop or len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head[:8])
        content = start + 8
        if size == 1 and len(head) == 16:
            size, content = struct.unpack(">Q", head[8:])[0], start + 16
        elif size == 0:
            size = stop - start
        if size < content - start:
            return
        yield kind, content, start + size
        start += size


def _holds(fd: int, start: int, stop: int, *path: bytes) -> bool:
    """Whether boxes nested in the order of `path` lie between `start` and `stop`."""
    if not path:
        return True
    return any(
        kind == path[0] and _holds(fd, inner, min(end, stop), *path[1:])
        for kind, inner, end in _boxes(fd, start, stop)
    )


def _segment_end(fd: int, size: int) -> int:
    """End of the Matroska segment; the file's own where the length is unknown, as when streamed."""
    head = os.pread(fd, 4096, 0)
    at = head.find(_SEGMENT)
    if at < 0 or at + 12 > len(head):
        return size
    width = 9 - head[at + 4].bit_length() if head[at + 4] else 0
    if not 1 <= width <= 8:
        return size
    mask = (1 << 7 * width) - 1
    length = int.from_bytes(head[at + 4 : at + 4 + width], "big") & mask
    return size if length == mask else at + 4 + width + length


def _riff_end(fd: int, size: int) -> int:
    """End of the last RIFF chunk; a file that is larger than 2 GB holds several."""
    end = 0
    while (head := os.pread(fd, 8, end)).startswith(b"RIFF") and len(head) == 8:
        end += 8 + struct.unpack("<I", head[4:])[0]
    return max(end, size)
