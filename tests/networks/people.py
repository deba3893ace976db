"""People made of coloured discs in pictures of one size, and trackers that look for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from networks import markers
from posebatch_shared.poses import FramePoses
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import SingleFrames
from posebatch_workers.video.frames import Frame

INFO = TrackerInfo(name="test", model="markers", model_sha256="0", device="cpu", provider="cpu")
HEIGHT, WIDTH = 720, 540
FPS = 30.0


def video(fps: float = FPS) -> VideoInfo:
    return VideoInfo(
        width=WIDTH,
        height=HEIGHT,
        fps=fps,
        frames=None,
        duration_seconds=1.0,
        rotation_degrees=0,
        codec="drawn",
    )


def body(x: float, y: float, tall: float, seed: int = 1) -> np.ndarray:
    """26 points apart from each other, in a body of the given height."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(4), np.arange(7)), axis=-1).reshape(-1, 2)[:26]
    return np.array((x, y)) + (grid + rng.uniform(-0.15, 0.15, grid.shape)) * tall / 7


def jumping(index: int) -> np.ndarray:
    """At 165 pixels per metre: 0.42 m high, 2.4 m/s at take-off."""
    t = index / FPS
    return body(180 + 40 * t, 330 - 70 * max(0.0, np.sin(1.8 * np.pi * t)), 280)


def frame(index: int, *people: np.ndarray, shape: tuple[int, int] = (HEIGHT, WIDTH)) -> Frame:
    pixels = np.full((*shape, 3), 90, np.uint8)
    for skin, points in enumerate(people):
        markers.draw(pixels, points, skin=skin)
    return Frame(frame_index=index, pts_seconds=index / FPS, pixels=pixels)


def pixels(poses: FramePoses, shape: tuple[int, int] = (HEIGHT, WIDTH)) -> np.ndarray:
    return poses.keypoints[:, :, :2] * (shape[1], shape[0])


def track(
    tracker: SingleFrames, frames: Sequence[Frame], batch: int = 16, fps: float = FPS
) -> list[FramePoses]:
    tracker.begin(video(fps), StageTimer())
    answers: list[FramePoses] = []
    for start in range(0, len(frames), batch):
        answers += tracker.track(frames[start : start + batch])
    return answers + tracker.end()


def error(poses: FramePoses, truth: np.ndarray) -> float:
    """Mean distance in pixels of the only person."""
    assert len(poses.scores) == 1
    return float(np.linalg.norm(pixels(poses)[0] - truth, axis=1).mean())
