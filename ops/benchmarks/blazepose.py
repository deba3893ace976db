"""How fast and how true is blazepose beside MediaPipe's video mode, on the same drawn frames?

uv run python ops/benchmarks/blazepose.py [--clips 4] [--rounds 5] [--out .bench/blazepose.json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import JUMP_LANDMARKS, FramePoses
from posebatch_shared.results import VideoInfo
from posebatch_workers.athlete.clip import draw_clip
from posebatch_workers.athlete.spec import ClipSpec
from posebatch_workers.athlete.truth import Truth
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import Tracker, create_tracker
from posebatch_workers.video.frames import Frame

Array = NDArray[np.float64]
TRACKERS = ("mediapipe", "blazepose")
FEET = ("left_heel", "right_heel", "left_foot_index", "right_foot_index")
#: A frame counts as standing while the athlete moves less than this.
STILL_PX_PER_SECOND = 5.0


def specs(count: int) -> list[ClipSpec]:
    """Jumps from the front to the side, and at several frame rates."""
    rates, angles = (60.0, 120.0, 30.0, 240.0), (60.0, 90.0, 30.0, 75.0)
    return [
        ClipSpec(
            fps=rates[i % 4],
            view_angle_deg=angles[i % 4],
            height_m=0.25 + 0.05 * (i % 5),
            arm_swing=i % 2 == 1,
            seed=i,
        )
        for i in range(count)
    ]


def drawn(spec: ClipSpec) -> tuple[list[Frame], Truth]:
    """The clip as it comes back from its file, all frames in memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        truth = draw_clip(spec, path)
        reader = cv2.VideoCapture(str(path))
        frames = []
        for index, pts in enumerate(truth.pts_seconds):
            picture = cv2.cvtColor(reader.read()[1], cv2.COLOR_BGR2RGB)
            pixels = np.asarray(picture, dtype=np.uint8)
            frames.append(Frame(frame_index=index, pts_seconds=float(pts), pixels=pixels))
    return frames, truth


def track(tracker: Tracker, frames: Sequence[Frame]) -> tuple[list[FramePoses], float, float]:
    """Answers, wall seconds and CPU seconds."""
    height, width, _ = frames[0].pixels.shape
    video = VideoInfo(
        width=width,
        height=height,
        fps=60.0,
        frames=len(frames),
        duration_seconds=frames[-1].pts_seconds,
        rotation_degrees=0,
        codec="h264",
    )
    tracker.begin(video, StageTimer())
    wall, cpu = perf_counter(), process_time()
    poses = [*tracker.track(frames), *tracker.end()]
    return poses, perf_counter() - wall, process_time() - cpu


def points(tracker: Tracker, poses: Sequence[FramePoses], truth: Truth) -> Array:
    """(F, 13, 2) pixels of the jump landmarks, NaN where nobody was seen."""
    rows = [tracker.skeleton.nodes.index(name) for name in JUMP_LANDMARKS]
    nobody = np.full((len(rows), 2), np.nan)
    places = [p.keypoints[0, rows, :2] if len(p.scores) else nobody for p in poses]
    return np.asarray(places, np.float64) * (truth.width, truth.height)


def judged(found: Array, truth: Truth) -> dict[str, float]:
    """Errors of one clip: pixels against the truth, standing noise, and lag of the feet."""
    error = found - truth.joints
    velocity = np.gradient(truth.joints, truth.pts_seconds, axis=0)
    still = (np.abs(velocity[:, :, 1]) < STILL_PX_PER_SECOND).all(axis=1)
    feet = [JUMP_LANDMARKS.index(name) for name in FEET]
    offset = np.nanmedian(error, axis=0)
    moving = ~still & np.isfinite(found).all(axis=(1, 2))
    deviation, speed = (error - offset)[moving][:, feet, 1], velocity[moving][:, feet, 1]
    return {
        "seen": float(np.isfinite(found[:, 0, 0]).mean()),
        "error_px": float(np.nanmedian(np.hypot(*error.transpose(2, 0, 1)))),
        "still_noise_px": float(np.nanmedian(np.nanstd(error[still, :, 1], axis=0))),
        "moving_noise_px": float(np.nanmedian(np.nanstd(error[~still, :, 1], axis=0))),
        "feet_lag_ms": float(-(deviation * speed).sum() / (speed**2).sum() * 1000),
    }


def measure(count: int, rounds: int) -> dict[str, Any]:
    """Every tracker over every clip; times are medians over rounds, trackers taking turns."""
    trackers = {name: create_tracker(name, quality="balanced") for name in TRACKERS}
    cv2.setNumThreads(1)  # as in a worker: one process per core
    clips = []
    for spec in specs(count):
        frames, truth = drawn(spec)
        row: dict[str, Any] = {"fps": spec.fps, "view_angle_deg": spec.view_angle_deg}
        row["frames"] = len(frames)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in trackers}
        for _ in range(rounds):
            for name, tracker in trackers.items():
                poses, wall, cpu = track(tracker, frames)
                times[name].append((wall, cpu))
                row[name] = judged(points(tracker, poses, truth), truth)
        for name, spent in times.items():
            wall, cpu = (median(column) / len(frames) * 1000 for column in zip(*spent, strict=True))
            row[name] |= {"wall_ms_per_frame": wall, "cpu_ms_per_frame": cpu}
        clips.append(row)
    for tracker in trackers.values():
        tracker.close()
    return {"rounds": rounds, "clips": clips, "summary": summary(clips)}


def summary(clips: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Medians over the clips, and how many times faster blazepose is."""
    fields = clips[0][TRACKERS[0]]
    result: dict[str, Any] = {
        name: {field: median(clip[name][field] for clip in clips) for field in fields}
        for name in TRACKERS
    }
    for kind in ("wall", "cpu"):
        field = f"{kind}_ms_per_frame"
        result[f"{kind}_ratio"] = result["mediapipe"][field] / result["blazepose"][field]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(".bench/blazepose.json"))
    options = parser.parse_args()
    report = measure(options.clips, options.rounds)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for clip in report["clips"]:
        for name in TRACKERS:
            values = "  ".join(f"{field} {value:.2f}" for field, value in clip[name].items())
            print(f"{clip['fps']:5.0f} fps {clip['view_angle_deg']:3.0f}°  {name:10} {values}")
    ratios = report["summary"]
    for name in TRACKERS:
        values = "  ".join(f"{field} {value:.2f}" for field, value in ratios[name].items())
        print(f"median          {name:10} {values}")
    print(f"blazepose is {ratios['wall_ratio']:.2f} times as fast by the clock, ", end="")
    print(f"{ratios['cpu_ratio']:.2f} times by CPU time")


if __name__ == "__main__":
    main()
