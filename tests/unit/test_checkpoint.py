"""Checkpoints give back the poses bit for bit, as far as they reach without a gap."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from posebatch_shared.errors import DiskFull, SystemFailure
from posebatch_shared.poses import FramePoses
from posebatch_workers.checkpoint import Checkpoint, sweep_checkpoints

KEYS = 5


def part(first: int, people: list[int]) -> list[FramePoses]:
    random = np.random.default_rng(first)
    return [
        FramePoses(
            frame_index=first + number,
            pts_seconds=(first + number) / 29.97,
            keypoints=random.random((n, KEYS, 3), dtype=np.float32),
            scores=random.random((n, KEYS), dtype=np.float32),
            bboxes=random.random((n, 4), dtype=np.float32),
        )
        for number, n in enumerate(people)
    ]


def checkpoint(folder: Path, content: str = "c" * 64, part_seconds: float = 20) -> Checkpoint:
    return Checkpoint(
        folder, content_hash=content, pipeline_hash="p" * 64, part_seconds=part_seconds
    )


def same(one: list[FramePoses], other: list[FramePoses]) -> bool:
    def plain(pose: FramePoses) -> tuple[object, ...]:
        arrays = (pose.keypoints, pose.scores, pose.bboxes)
        shapes = tuple((array.shape, str(array.dtype), array.tobytes()) for array in arrays)
        return (pose.frame_index, pose.pts_seconds, *shapes)

    return [plain(pose) for pose in one] == [plain(pose) for pose in other]


def test_parts_come_back_bit_for_bit(tmp_path: Path) -> None:
    parts = [part(0, [1, 0, 3]), part(3, [0, 0]), part(5, [2])]
    for number, poses in enumerate(parts):
        checkpoint(tmp_path).save(number, poses)
    loaded = checkpoint(tmp_path).load()
    assert len(loaded) == 3
    assert all(same(a, b) for a, b in zip(loaded, parts, strict=True))
    assert checkpoint(tmp_path, "d" * 64).load() == []
    assert checkpoint(tmp_path, part_seconds=30).load() == [], "parts of another length"


def test_a_gap_or_a_broken_part_ends_what_can_be_used(tmp_path: Path) -> None:
    for number in (0, 1, 3):
        checkpoint(tmp_path).save(number, part(number, [1]))
    assert len(checkpoint(tmp_path).load()) == 2
    (broken,) = tmp_path.glob("*/part-000001.npz")
    broken.write_bytes(broken.read_bytes()[:50])
    assert len(checkpoint(tmp_path).load()) == 1


def emptied(file: bytes) -> bytes:
    return file[:0]


def of_another_compression(file: bytes) -> bytes:
    """A bit of the last entry in the archive's directory."""
    entry = bytearray(file)
    entry[file.rindex(b"PK\x01\x02") + 10] ^= 1
    return bytes(entry)


@pytest.mark.parametrize("damage", [emptied, of_another_compression])
def test_no_damage_to_a_part_is_more_than_a_part_lost(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    for number in (0, 1):
        checkpoint(tmp_path).save(number, part(number, [1]))
    (broken,) = tmp_path.glob("*/part-000001.npz")
    broken.write_bytes(damage(broken.read_bytes()))
    assert len(checkpoint(tmp_path).load()) == 1


def test_clear_and_sweep_leave_nothing(tmp_path: Path) -> None:
    done, lost = checkpoint(tmp_path), checkpoint(tmp_path, "e" * 64)
    done.save(0, part(0, [1]))
    lost.save(0, part(0, [1]))
    done.clear()
    (tmp_path / "cleared-meanwhile").symlink_to(tmp_path / "gone")
    assert sweep_checkpoints(tmp_path, older_than_seconds=3600) == 0
    assert sweep_checkpoints(tmp_path, older_than_seconds=-1) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["cleared-meanwhile"]


@pytest.mark.parametrize("place", ["os.fsync", "pathlib.Path.mkdir"])
@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, DiskFull), (errno.EIO, SystemFailure)])
def test_a_part_that_cannot_be_kept_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    number: int,
    said: type[Exception],
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(place, fails)
    with pytest.raises(said):
        checkpoint(tmp_path).save(0, part(0, [1]))
    assert list(tmp_path.glob("*/*")) == []


def test_a_clip_without_parts_is_cleared_too(tmp_path: Path) -> None:
    checkpoint(tmp_path).clear()
    assert list(tmp_path.iterdir()) == []
