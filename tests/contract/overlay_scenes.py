"""A clip, an athlete on it and an analysis, made up, for tests of the overlay."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from contract.video_patterns import Pattern, write
from contract.video_readers import frames
from posebatch_shared.poses import JUMP_LANDMARKS, PoseSequence, Skeleton
from posebatch_workers.overlay.encoding import film_threads
from posebatch_workers.overlay.footage import Footage, decoded_again
from posebatch_workers.overlay.write import write_overlay
from posebatch_workers.timing import StageTimer
from posebatch_workers.video.reader import ReadOptions, open_video

UNEVEN = [0.0, 0.03, 0.07, 0.1, 0.2, 0.25, 0.4, 0.5, 0.7, 0.9, 1.0, 1.05]
WIDTH, HEIGHT = 542, 962

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


def uneven_clip(folder: Path) -> Path:
    """A portrait clip that is stored lying down, with a picture at each of the uneven times."""
    pattern = Pattern(times=UNEVEN, width=WIDTH, height=HEIGHT, degrees=90)
    return write(folder / "clip.mp4", pattern)


def overlay(clip: Path, out: Path, analysis: dict[str, Any]) -> StageTimer:
    """Write the overlay of the uneven clip from a second decode."""
    timer, sequence = StageTimer(), standing(UNEVEN, WIDTH, HEIGHT)
    footage = decoded_again(partial(open_video, clip), sequence.pts_seconds)
    written(footage, sequence, analysis, out, timer)
    return timer


def written(
    footage: AbstractContextManager[Footage],
    sequence: PoseSequence,
    analysis: dict[str, Any],
    out: Path,
    timer: StageTimer,
) -> None:
    """`write_overlay` with threads for this film only."""
    with film_threads() as threads:
        write_overlay(footage, sequence, analysis, out, timer, threads)


def film(path: Path) -> tuple[Any, list[float], list[np.ndarray]]:
    """Probe, times and pictures of a film."""
    with open_video(path, ReadOptions(max_error_share=1.0)) as video:
        shown = [(f.pts_seconds, f.pixels.copy()) for f in frames(video)]
    return video.probe, [t for t, _ in shown], [p for _, p in shown]
