"""How far had a long clip come when its worker died? Its poses so far, part by part, on disk."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from posebatch_shared.errors import SystemFailure
from posebatch_shared.poses import FramePoses
from posebatch_shared.storage import storage_errors

_PART = "part-{:06d}.npz"


class Checkpoint:
    """The poses of one clip under one pipeline, in parts of equal video time.

    A tracker that remembers earlier frames must forget them at the start of every part, resumed or
    not: then a clip that was interrupted ends with the same bytes as one that was not.
    """

    def __init__(
        self, folder: Path, *, content_hash: str, pipeline_hash: str, part_seconds: float
    ) -> None:
        self.part_seconds = part_seconds
        name = f"{content_hash[:32]}-{pipeline_hash[:32]}-{part_seconds:g}"
        self._folder = folder / name

    def save(self, part: int, poses: Sequence[FramePoses]) -> None:
        """Keep one part, whole or not at all; saving it again changes nothing. Errors: DiskFull,
        SystemFailure."""
        target = self._folder / _PART.format(part)
        partial = target.with_suffix(f".{secrets.token_hex(4)}.partial")
        columns = _columns(poses)
        with storage_errors(f"a checkpoint in {self._folder}", SystemFailure):
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                with partial.open("wb") as file:
                    np.savez(file, **columns)  # type: ignore[arg-type]
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(target)
            finally:
                partial.unlink(missing_ok=True)

    def load(self) -> list[list[FramePoses]]:
        """Parts from the first on, without a gap; a part that cannot be read ends the list."""
        return list(self._parts())

    def clear(self) -> None:
        """The clip is done."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _parts(self) -> Iterator[list[FramePoses]]:
        part = 0
        while True:
            try:
                with np.load(self._folder / _PART.format(part), allow_pickle=False) as columns:
                    poses = _poses(dict(columns))
            except Exception:  # whatever is damaged, of the archive or of what it holds
                return
            yield poses
            part += 1


def sweep_checkpoints(folder: Path, *, older_than_seconds: float) -> int:
    """Remove the checkpoints of clips that nobody has come back to; returns how many."""
    before = time.time() - older_than_seconds
    found = [path for path in folder.glob("*-*") if _is_older(path, before)]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return len(found)


def _is_older(path: Path, than_seconds: float) -> bool:
    """Not so if its owner has renamed or removed it since it was listed."""
    try:
        return path.stat().st_mtime < than_seconds
    except FileNotFoundError:
        return False


def _columns(poses: Sequence[FramePoses]) -> dict[str, np.ndarray]:
    """The people of all frames one below the other, and how many each frame has."""
    return {
        "frame_index": np.array([p.frame_index for p in poses], dtype=np.int64),
        "pts_seconds": np.array([p.pts_seconds for p in poses], dtype=np.float64),
        "tracked": np.array([p.tracked for p in poses], dtype=np.bool_),
        "people": np.array([len(p.scores) for p in poses], dtype=np.int64),
        "keypoints": np.concatenate([p.keypoints for p in poses]),
        "scores": np.concatenate([p.scores for p in poses]),
        "bboxes": np.concatenate([p.bboxes for p in poses]),
    }


def _poses(columns: dict[str, np.ndarray]) -> list[FramePoses]:
    ends = np.cumsum(columns["people"])
    rows = [slice(end - number, end) for end, number in zip(ends, columns["people"], strict=True)]
    return [
        FramePoses(
            frame_index=int(frame_index),
            pts_seconds=float(pts_seconds),
            keypoints=columns["keypoints"][row],
            scores=columns["scores"][row],
            bboxes=columns["bboxes"][row],
            tracked=bool(tracked),
        )
        for frame_index, pts_seconds, tracked, row in zip(
            columns["frame_index"], columns["pts_seconds"], columns["tracked"], rows, strict=True
        )
    ]
