"""A clip, an athlete on it and an analysis, made up, for tests of the overlay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from posebatch_shared.poses import JUMP_LANDMARKS, PoseSequence, Skeleton

SKELETON = Skeleton(
    name="jump",
    nodes=JUMP_LANDMARKS,
    edges=(
        ("left_shoulder", "right_shoulder"),
        ("left_hip", "left_knee"),
        ("right_hip", "right_knee"),
        ("left_knee", "left_ankle"),
        ("right_knee", "right_ankle"),
    ),
)
ANALYSIS: dict[str, Any] = {
    "kind": "cmj",
    "jumps": [
        {
            "takeoff_seconds": 0.5,
            "landing_seconds": 1.0,
            "flight_time_seconds": 0.5,
            "jump_height_m": 0.306,
        }
    ],
    "phases": [{"name": "flight", "start_seconds": 0.5, "end_seconds": 1.0}],
}


def standing(times: Sequence[float], width: int, height: int) -> PoseSequence:
    """An athlete in the middle third of the picture, nodes on a grid, all of them seen."""
    count, nodes = len(times), len(JUMP_LANDMARKS)
    keypoints = np.zeros((count, nodes, 3), np.float32)
    keypoints[:, :, 0] = 0.4 + 0.2 * (np.arange(nodes) % 2)
    keypoints[:, :, 1] = np.linspace(0.3, 0.7, nodes)
    return PoseSequence(
        skeleton=SKELETON,
        width=width,
        height=height,
        frame_index=np.arange(count),
        pts_seconds=np.asarray(times, np.float64),
        keypoints=keypoints,
        visibility=np.ones((count, nodes), np.float32),
    )
