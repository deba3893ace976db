"""How much faster is our RTMPose than rtmlib's, and than MediaPipe lite, on the same frames?

Same clip, same weight-free networks, one run; the contestants take turns.

uv run python ops/benchmarks/rtmpose.py [--rounds 5] [--frames 128] [--threads 2] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import cv2

from posebatch_workers.athlete.clip import draw_clip
from posebatch_workers.athlete.spec import ClipSpec
from posebatch_workers.bench.clips import Clip, load
from posebatch_workers.bench.twins import rtmpose_twin, yolox_twin
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import Tracker, create_tracker
from posebatch_workers.trackers.models import registry
from posebatch_workers.trackers.providers import PROVIDERS, device_name, load_libraries
from posebatch_workers.trackers.runtime import onnx_runtime

CALL_FRAMES = 16  #: as the pipeline hands them over
TARGET_RTMLIB, TARGET_MEDIAPIPE = 3.0, 1.0

Contestant = Callable[[Clip], None]


def twins(folder: Path) -> dict[str, float]:
    """Write both networks under the names of the registry; returns 10⁹ multiply-adds of each."""
    pose, detector = (folder / registry()[name].file for name in ("rtmpose-s", "yolox-tiny"))
    return {"rtmpose-s": rtmpose_twin(pose, "s") / 1e9, "yolox-tiny": yolox_twin(detector) / 1e9}


def through(tracker: Tracker, call_frames: int = CALL_FRAMES) -> Contestant:
    """One of ours, called as the pipeline calls it."""

    def play(clip: Clip) -> None:
        tracker.begin(clip.info, StageTimer())
        for frames in clip.calls(call_frames):
            tracker.track(frames)
        tracker.end()

    return play


def rtmlib(folder: Path, device: str = "cpu") -> Contestant:
    """rtmlib's BodyWithFeet on `device`, called with every frame as its examples do."""
    from rtmlib import BodyWithFeet

    load_libraries(device)  # which it leaves to the person

    with redirect_stdout(StringIO()):  # it prints what it loads
        body = BodyWithFeet(
            det=str(folder / registry()["yolox-tiny"].file),
            det_input_size=(416, 416),
            pose=str(folder / registry()["rtmpose-s"].file),
            pose_input_size=(192, 256),
            backend="onnxruntime",
            device=device,
        )
    for tool in (body.det_model, body.pose_model):
        assert tool.session.get_providers()[0] == PROVIDERS[device], "rtmlib fell back"

    def play(clip: Clip) -> None:
        for frame in clip.frames:
            keypoints, _ = body(frame.pixels)
            assert keypoints.shape == (1, 26, 2)

    return play


def measure(clip: Clip, contestants: dict[str, Contestant], rounds: int) -> dict[str, Any]:
    """Wall and CPU milliseconds per frame, medians over rounds."""
    for play in contestants.values():
        play(clip)
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, play in contestants.items():
            wall, cpu = perf_counter(), process_time()
            play(clip)
            spent[name].append((perf_counter() - wall, process_time() - cpu))
    return {name: _medians(times, len(clip.frames)) for name, times in spent.items()}


def _medians(times: Sequence[tuple[float, float]], frames: int) -> dict[str, float]:
    wall, cpu = (median(column) * 1000 / frames for column in zip(*times, strict=True))
    return {"wall_ms": wall, "cpu_ms": cpu, "frames_per_second": 1000 / wall}


def compare(rounds: int, frames: int, threads: int) -> dict[str, Any]:
    """All three on one drawn clip of 720×1280 at 60 frames a second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cost = twins(folder)
        draw_clip(ClipSpec(fps=60.0, seed=1), folder / "clip.mp4")
        clip = load(folder / "clip.mp4", most_frames=frames)
        ours = create_tracker("rtmpose-cpu", quality="balanced", model_dir=folder, threads=threads)
        mediapipe = create_tracker("mediapipe", quality="balanced")
        contestants = {
            "posebatch rtmpose-s + yolox-tiny": through(ours),
            "rtmlib BodyWithFeet per frame": rtmlib(folder),
            "mediapipe lite": through(mediapipe),
        }
        cv2.setNumThreads(threads)
        results = measure(clip, contestants, rounds)
        mediapipe.close()
        ours.close()
    mine, peer, lite = (results[name]["wall_ms"] for name in contestants)
    return {
        "clip": {"width": clip.info.width, "height": clip.info.height, "frames": len(clip.frames)},
        "threads": threads,
        "cpus": len(os.sched_getaffinity(0)),
        "load_average": os.getloadavg()[0],  # well above the threads used: measure again
        "cpu": device_name("cpu"),
        "versions": {
            "onnxruntime": str(onnx_runtime().__version__),
            **{p: version(p) for p in ("rtmlib", "mediapipe")},
        },
        "multiply_adds_10e9": cost,
        "results": results,
        "times_rtmlib": peer / mine,
        "times_mediapipe_lite": lite / mine,
        "targets": {"times_rtmlib": TARGET_RTMLIB, "times_mediapipe_lite": TARGET_MEDIAPIPE},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--frames", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/rtmpose.json")
    options = parser.parse_args()
    report = compare(options.rounds, options.frames, options.threads)
    for name, row in report["results"].items():
        print(f"{name:34} {row['frames_per_second']:7.1f} frames/s  {row['cpu_ms']:6.1f} CPU ms")
    print(
        f"{report['times_rtmlib']:.2f} × rtmlib, {report['times_mediapipe_lite']:.2f} × MediaPipe"
    )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
