"""Where files say that they end, from bytes written here one by one."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from posebatch_workers.video.extent import Extent, measure


def box(kind: bytes, content: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I4s", 8 + len(content) if size is None else size, kind) + content


def measured(path: Path, content: bytes) -> Extent:
    path.write_bytes(content)
    fd = os.open(path, os.O_RDONLY)
    try:
        return measure(fd)
    finally:
        os.close(fd)


FTYP = box(b"ftyp", b"isom")
EDITED = box(b"moov", box(b"mvhd") + box(b"trak", box(b"edts", box(b"elst", b"\0" * 8))))


def test_boxes(tmp_path: Path) -> None:
    whole = measured(tmp_path / "whole", FTYP + EDITED + box(b"mdat", b"x" * 100))
    assert (whole.family, whole.missing_share, whole.edit_list) == ("mov", 0.0, True)
    cut = measured(tmp_path / "cut", FTYP + box(b"moov") + box(b"mdat", b"x" * 72, size=180))
    assert cut.missing_share == pytest.approx(0.5)
    assert not cut.edit_list
    long = measured(tmp_path / "long", FTYP + struct.pack(">I4sQ", 1, b"mdat", 116) + b"x" * 100)
    assert long.missing_share == 0.0
    to_the_end = measured(tmp_path / "end", FTYP + box(b"mdat", b"x" * 50, size=0))
    assert to_the_end.missing_share == 0.0


def test_a_cut_fragment_counts_as_all(tmp_path: Path) -> None:
    content = FTYP + box(b"moov") + box(b"moof") + box(b"mdat", b"x" * 10, size=1000)
    assert measured(tmp_path / "cut", content).missing_share == 1.0


@pytest.mark.parametrize("size", [1, 2, 7])
def test_absurd_boxes_end_the_walk(size: int, tmp_path: Path) -> None:
    assert measured(tmp_path / "absurd", FTYP + box(b"mdat", size=size)).missing_share <= 1.0


def test_boxes_nested_a_thousand_deep_do_not_exhaust_the_stack(tmp_path: Path) -> None:
    content = b""
    for _ in range(5000):
        content = box(b"trak", content)
    assert not measured(tmp_path / "deep", FTYP + box(b"moov", content)).edit_list


def test_matroska_segments(tmp_path: Path) -> None:
    head = b"\x1aE\xdf\xa3\x80" + b"\x18S\x80g"
    sized = head + b"\x01" + (100).to_bytes(7, "big") + b"x" * 50
    assert measured(tmp_path / "cut", sized).missing_share == pytest.approx(50 / 117)
    streamed = head + b"\x01" + b"\xff" * 7 + b"x" * 50
    assert measured(tmp_path / "streamed", streamed).missing_share == 0.0


def test_riff_chunks(tmp_path: Path) -> None:
    whole = b"RIFF" + struct.pack("<I", 20) + b"AVI " + b"x" * 16
    assert measured(tmp_path / "whole", whole).missing_share == 0.0
    assert measured(tmp_path / "two", whole + whole[:14]).missing_share == pytest.approx(0.25)


def test_anything_else_declares_nothing(tmp_path: Path) -> None:
    assert measured(tmp_path / "text", b"hello, world").family is None
