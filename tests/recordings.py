"""Small files such as a worker leaves: an overlay that plays, and keypoints in Parquet."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from posebatch_shared.poses import PoseSequence, Skeleton
from posebatch_workers.keypoints import write_keypoints

FRAMES = 90


def write_overlay(path: Path) -> None:
    """Three seconds of a moving gradient, H.264 with its index at the front."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 180, 320, "yuv420p"
        columns = np.arange(180, dtype=np.uint8)
        for number in range(FRAMES):
            picture = np.broadcast_to((columns + 2 * number)[None, :, None], (320, 180, 3))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def write_keypoint_file(path: Path) -> None:
    """Two landmarks over 90 frames: one always seen, one in every other frame."""
    nodes = ("left_ankle", "right_ankle")
    skeleton = Skeleton(name="two", nodes=nodes, edges=(nodes,))
    visibility = np.stack([np.full(FRAMES, 0.9), np.arange(FRAMES) % 2 * 0.8], axis=1)
    sequence = PoseSequence(
        skeleton=skeleton,
        width=180,
        height=320,
        frame_index=np.arange(FRAMES),
        pts_seconds=np.arange(FRAMES) / 30,
        keypoints=np.full((FRAMES, 2, 3), 0.5, np.float32),
        visibility=visibility.astype(np.float32),
    )
    write_keypoints(sequence, path, {})


def lose_a_sector(path: Path) -> None:
    """In the middle of a file, as a broken disk does."""
    file = bytearray(path.read_bytes())
    middle = len(file) // 2
    file[middle : middle + 512] = bytes(512)
    path.write_bytes(file)
