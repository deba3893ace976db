"""The file of keypoints: written and read back, and no damage to it goes unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import trajectories
from posebatch_shared.errors import ArtifactLost
from posebatch_shared.poses import Skeleton
from posebatch_workers.keypoints import read_keypoints, write_keypoints

SEQUENCE = trajectories.sequence(trajectories.cmj(0.3), fps=60, noise_px=1)


def test_keypoints_come_back_as_they_were_written(tmp_path: Path) -> None:
    gone = SEQUENCE.keypoints.copy()
    gone[3] = np.nan
    sequence = trajectories.replace(SEQUENCE, keypoints=gone, tracked=np.arange(len(gone)) % 2 == 0)
    write_keypoints(sequence, tmp_path / "k.parquet", {"analysis_version": "0"})

    back = read_keypoints(BytesIO((tmp_path / "k.parquet").read_bytes()))

    assert back.skeleton == sequence.skeleton
    assert (back.width, back.height) == (sequence.width, sequence.height)
    for name in ("frame_index", "pts_seconds", "keypoints", "visibility", "tracked"):
        np.testing.assert_array_equal(getattr(back, name), getattr(sequence, name))


def test_a_body_with_hands_and_face_has_more_landmarks_than_a_byte_counts(tmp_path: Path) -> None:
    nodes = tuple(f"node_{row}" for row in range(133))
    frames = len(SEQUENCE)
    wide = trajectories.replace(
        SEQUENCE,
        skeleton=Skeleton(name="whole_body", nodes=nodes, edges=()),
        keypoints=np.arange(frames * 133 * 3, dtype=np.float32).reshape(frames, 133, 3),
        visibility=np.ones((frames, 133), np.float32),
    )
    write_keypoints(wide, tmp_path / "k.parquet", {})

    back = read_keypoints(BytesIO((tmp_path / "k.parquet").read_bytes()))

    np.testing.assert_array_equal(back.keypoints, wide.keypoints)
    named = pq.read_table(tmp_path / "k.parquet")["landmark"].to_pylist()
    assert named == list(nodes) * frames


def test_another_file_is_no_file_of_keypoints() -> None:
    with pytest.raises(ArtifactLost):
        read_keypoints(BytesIO(b"something else"))


def zeroed(poses: bytearray, place: int) -> None:
    """A disk's sector."""
    poses[place : place + 512] = bytes(512)


def flipped(poses: bytearray, place: int) -> None:
    poses[place] ^= 1


@pytest.mark.parametrize("damage", [zeroed, flipped])
def test_no_damage_to_poses_passes_for_poses(
    tmp_path: Path, damage: Callable[[bytearray, int], None]
) -> None:
    path = tmp_path / "k.parquet"
    write_keypoints(SEQUENCE, path, {})
    whole = path.read_bytes()
    with pq.ParquetFile(path) as file:
        group = file.metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    large = [column for column in columns if column.total_compressed_size > 1000]
    assert len(large) > 1
    for column in large:  # of each in the middle, far from what tells where its pages begin
        poses = bytearray(whole)
        damage(poses, column.dictionary_page_offset + column.total_compressed_size // 2)
        with pytest.raises(ArtifactLost):
            read_keypoints(BytesIO(bytes(poses)))
