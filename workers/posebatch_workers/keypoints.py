"""The Parquet file of one athlete's keypoints: a row per frame and landmark."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from posebatch_shared.errors import ArtifactLost, DiskFull
from posebatch_shared.poses import PoseSequence, Skeleton


def write_keypoints(sequence: PoseSequence, path: Path, metadata: Mapping[str, Any]) -> None:
    """Columns frame_index, pts_seconds, landmark; x, y, z, visibility, 0–1 of the picture; tracked.

    Frames in which the athlete was not seen have null coordinates; those in which nobody moved may
    be interpolated, and are not `tracked`. The schema's metadata holds
    skeleton, picture size, tracker and versions as JSON under `posebatch`. Errors: DiskFull.
    """
    table = keypoint_table(sequence).replace_schema_metadata(
        {"posebatch": json.dumps({**_described(sequence), **metadata})}
    )
    try:
        pq.write_table(table, path, compression="zstd", write_page_checksum=True)
    except OSError as error:
        raise DiskFull(f"keypoints of {path.name}: {error}") from error


def keypoint_table(sequence: PoseSequence) -> pa.Table:
    """The rows, in frame order and then in the skeleton's order."""
    frames, nodes = sequence.visibility.shape
    flat = sequence.keypoints.reshape(-1, 3)
    landmark = pa.DictionaryArray.from_arrays(
        pa.array(np.tile(np.arange(nodes, dtype=np.int16), frames)),
        pa.array(sequence.skeleton.nodes),
    )
    return pa.table(
        {
            "frame_index": np.repeat(sequence.frame_index, nodes),
            "pts_seconds": np.repeat(sequence.pts_seconds, nodes),
            "landmark": landmark,
            **{axis: pa.array(flat[:, i], from_pandas=True) for i, axis in enumerate("xyz")},
            "visibility": sequence.visibility.reshape(-1),
            "tracked": np.repeat(sequence.looked_at, nodes),
        }
    )


def read_keypoints(file: IO[bytes]) -> PoseSequence:
    """What `write_keypoints` wrote. Errors: ArtifactLost for a damaged or another kind of file."""
    try:
        table = pq.read_table(file, page_checksum_verification=True)
        described = json.loads(table.schema.metadata[b"posebatch"])
        return _sequence(table, described)
    except (pa.ArrowException, OSError, TypeError, KeyError, ValueError) as error:
        raise ArtifactLost(f"not a file of keypoints: {error}") from error


def _sequence(table: pa.Table, described: Mapping[str, Any]) -> PoseSequence:
    skeleton = described["skeleton"]
    nodes = tuple(skeleton["nodes"])

    def column(name: str) -> np.ndarray[Any, Any]:
        return np.asarray(table[name].to_numpy()).reshape(-1, len(nodes))

    tracked = column("tracked")[:, 0] if "tracked" in table.column_names else None
    return PoseSequence(
        skeleton=Skeleton(
            name=skeleton["name"],
            nodes=nodes,
            edges=tuple((start, end) for start, end in skeleton["edges"]),
        ),
        width=described["width"],
        height=described["height"],
        frame_index=column("frame_index")[:, 0],
        pts_seconds=column("pts_seconds")[:, 0],
        keypoints=np.stack([column(axis) for axis in "xyz"], axis=2).astype(np.float32),
        visibility=column("visibility").astype(np.float32),
        tracked=tracked,
    )


def _described(sequence: PoseSequence) -> dict[str, Any]:
    skeleton = sequence.skeleton
    return {
        "skeleton": {"name": skeleton.name, "nodes": skeleton.nodes, "edges": skeleton.edges},
        "width": sequence.width,
        "height": sequence.height,
        "frames": len(sequence),
    }
