"""People as a few points that move: what a tracker could have seen."""

from __future__ import annotations

import numpy as np

from posebatch_shared.poses import FramePoses, Skeleton
from posebatch_workers.trackers.athlete_choice import AthleteChoice, choose_athlete

BODY = Skeleton(
    name="body",
    nodes=("nose", "left_shoulder", "right_shoulder", "left_hip", "right_hip", "left_ankle"),
    edges=(),
)
SHAPE = np.array([(0.5, 0.0), (0.2, 0.2), (0.8, 0.2), (0.3, 0.6), (0.7, 0.6), (0.5, 1.0)])
FPS = 60.0


def person(x: float, y: float, tall: float, wide: float | None = None) -> np.ndarray:
    """(6, 2) points of a body whose box has its top left at x, y."""
    return np.array((x, y)) + SHAPE * (wide or tall / 3, tall)


def jumper(t: float, x: float = 0.5) -> np.ndarray:
    """Somebody of 0.4 who hops once a second."""
    return person(x, 0.4 - 0.15 * abs(np.sin(np.pi * t)), 0.4)


def frame(index: int, people: list[np.ndarray], seconds: float | None = None) -> FramePoses:
    """What a tracker answers that sees these people."""
    points = np.array(people, np.float32).reshape(-1, 6, 2)
    depth = np.zeros((len(points), 6, 1), np.float32)
    corners = [points.min(axis=1), points.max(axis=1)] if len(points) else [np.zeros((0, 2))] * 2
    return FramePoses(
        frame_index=index,
        pts_seconds=index / FPS if seconds is None else seconds,
        keypoints=np.concatenate([points, depth], axis=2),
        scores=np.full((len(points), 6), 0.9, np.float32),
        bboxes=np.concatenate(corners, axis=1).astype(np.float32),
    )


def choose(frames: list[FramePoses], rule: str = "auto") -> AthleteChoice:
    """The choice in a portrait clip."""
    return choose_athlete(frames, rule, skeleton=BODY, width=720, height=1280)
