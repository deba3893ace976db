"""What the dashboard says of a job's keypoints, and of a file that holds none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from posebatch_ops.dashboard.keypoint_quality import landmark_quality
from posebatch_shared.errors import ArtifactsUnavailable
from recordings import lose_a_sector, write_keypoint_file


def test_a_landmark_is_seen_in_its_share_of_frames(tmp_path: Path) -> None:
    write_keypoint_file(tmp_path / "k.parquet")
    left, right = landmark_quality((tmp_path / "k.parquet").as_uri(), str(tmp_path))
    assert (left.landmark, left.seen_share, right.seen_share) == ("left_ankle", 1.0, 0.5)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def of_other_columns(path: Path) -> None:
    pq.write_table(pa.table({"something": [1]}), path)


@pytest.mark.parametrize("spoil", [cut_short, lose_a_sector, of_other_columns])
def test_a_file_that_holds_no_keypoints_is_named_as_such(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "k.parquet"
    write_keypoint_file(path)
    spoil(path)
    with pytest.raises(ArtifactsUnavailable):
        landmark_quality(path.as_uri(), str(tmp_path))
