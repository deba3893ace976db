"""Poses as arrays: skeletons, the people in one frame, one athlete over a clip.

Coordinates are normalised to 0–1 of the upright picture (x right, y down); `z` is in units of
picture width, towards the camera negative, 0 where the tracker gives none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Seconds = NDArray[np.float64]
Integers = NDArray[np.int64]

#: The 13 landmarks that jump analysis reads, in the names of the field.
JUMP_LANDMARKS = (
    "nose",
    "left_shoulder",
    "right_shoulder",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """Names of the keypoints, in the order of the arrays, and the pairs that are drawn as bones."""

    name: str
    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]

    def index(self, node: str) -> int | None:
        """Row of `node` in the keypoint arrays, None if this skeleton lacks it."""
        return self.nodes.index(node) if node in self.nodes else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FramePoses:
    """The N people that a tracker saw in one frame (N may be 0).

    keypoints (N, K, 3) x, y, z, all of them numbers: what is not seen is guessed, with a score of
    0; scores (N, K) 0–1; bboxes (N, 4) x1, y1, x2, y2. `tracked` is False for a frame that no
    tracker looked at, since nobody moved around it.
    """

    frame_index: int
    pts_seconds: float
    keypoints: Floats
    scores: Floats
    bboxes: Floats
    tracked: bool = True

    def __post_init__(self) -> None:
        n, k = self.scores.shape
        if self.keypoints.shape != (n, k, 3) or self.bboxes.shape != (n, 4):
            raise ValueError(
                f"shapes disagree: keypoints {self.keypoints.shape}, scores {self.scores.shape}, "
                f"bboxes {self.bboxes.shape}"
            )


def passed_over(frame_index: int, pts_seconds: float, nodes: int) -> FramePoses:
    """A frame of a skeleton of so many nodes that no tracker looked at."""
    return FramePoses(
        frame_index=frame_index,
        pts_seconds=pts_seconds,
        keypoints=np.empty((0, nodes, 3), np.float32),
        scores=np.empty((0, nodes), np.float32),
        bboxes=np.empty((0, 4), np.float32),
        tracked=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseSequence:
    """One athlete over F frames: what analysis, overlay and the Parquet file are made from.

    frame_index (F,), pts_seconds (F,) strictly growing, keypoints (F, K, 3) with NaN where the
    athlete was not seen, visibility (F, K) with 0 there. width and height are the upright picture.
    `tracked` (F,) is False where the pose is interpolated between two looks at an athlete who did
    not move; None if every frame was looked at.
    """

    skeleton: Skeleton
    width: int
    height: int
    frame_index: Integers
    pts_seconds: Seconds
    keypoints: Floats
    visibility: Floats
    tracked: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        frames, nodes = len(self.pts_seconds), len(self.skeleton.nodes)
        if self.keypoints.shape != (frames, nodes, 3) or self.visibility.shape != (frames, nodes):
            raise ValueError(
                f"want ({frames}, {nodes}, 3) keypoints and ({frames}, {nodes}) visibility, "
                f"got {self.keypoints.shape} and {self.visibility.shape}"
            )

    def __len__(self) -> int:
        return len(self.pts_seconds)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(F,) whether the athlete was found in the frame."""
        return np.asarray(np.isfinite(self.keypoints[:, :, 0]).any(axis=1), dtype=np.bool_)

    @property
    def looked_at(self) -> NDArray[np.bool_]:
        """(F,) whether a tracker looked at the frame; the others are interpolated."""
        return np.ones(len(self), np.bool_) if self.tracked is None else self.tracked

    def pixels(self, node: str) -> Seconds | None:
        """(F, 2) x and y of one node in pixels, None if the skeleton lacks it."""
        row = self.skeleton.index(node)
        if row is None:
            return None
        return self.keypoints[:, row, :2].astype(np.float64) * (self.width, self.height)
