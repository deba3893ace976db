"""What does a GPU give: isolated and end-to-end frames/s beside rtmlib's, and the CPU's answers?

Weight-free networks of RTMPose-s and YOLOX-tiny, and BlazePose's own; everything is written and
drawn here, so that nothing but the machine is needed. With `--device cpu` the script itself can be
tried anywhere; its numbers then say nothing of a GPU, and nothing is kept.

uv run --no-sync python ops/benchmarks/gpu.py [--device cuda] [--rounds 5] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from rtmpose import Contestant, measure, rtmlib, through, twins

from posebatch_workers.athlete.clip import draw_clip
from posebatch_workers.athlete.spec import ClipSpec
from posebatch_workers.bench.clips import Clip, load
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import Tracker, create_tracker
from posebatch_workers.trackers.providers import device_name
from posebatch_workers.trackers.runtime import onnx_runtime
from posebatch_workers.video.options import ProcessLimits, ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess

LONG_CALL = 128  #: frames handed over at once, where a caller has them
COMPARED_FRAMES = 64
TARGETS = {"times_rtmlib": 5.0, "isolated_frames_per_second": 3000.0, "worst_px": 0.5}


def agreement(clip: Clip, ours: Tracker, theirs: Tracker) -> dict[str, float]:
    """How far two trackers' keypoints of everybody are apart, in pixels of the picture."""
    apart: list[float] = []
    answers = [_answers(tracker, clip) for tracker in (ours, theirs)]
    for one, other in zip(*answers, strict=True):
        assert one.keypoints.shape == other.keypoints.shape, "they see other people"
        delta = (one.keypoints - other.keypoints)[:, :, :2] * (clip.info.width, clip.info.height)
        apart += np.hypot(*delta.reshape(-1, 2).T).tolist()
    return {
        "median_px": float(np.median(apart)),
        "p99_px": float(np.quantile(apart, 0.99)),
        "worst_px": max(apart),
    }


def _answers(tracker: Tracker, clip: Clip) -> list[Any]:
    tracker.begin(clip.info, StageTimer())
    frames = clip.frames[:COMPARED_FRAMES]
    return tracker.track(frames) + tracker.end()


def end_to_end(path: Path, tracker: Tracker, *, gpu: bool, rounds: int) -> dict[str, Any]:
    """Frames a second from the file to the poses of every frame, through the decoding process."""
    decoder = DecoderProcess(ProcessLimits(device=gpu, open_files=256 if gpu else 32))
    options = ReadOptions(least_side=640, threads=0, hardware="auto" if gpu else "none")
    seconds, decoded_by = [], ""
    with closing(decoder):
        for _ in range(1 + rounds):
            started, frames = perf_counter(), 0
            with decoder.open(path, options) as video:
                tracker.begin(video.info, StageTimer())
                for batch in video.batches():
                    frames += len(tracker.track(batch))
                frames += len(tracker.end())
                decoded_by = str(video.probe.decoder)
            seconds.append(perf_counter() - started)
    return {"frames_per_second": frames / median(seconds[1:]), "decoded_by": decoded_by}


def compare(device: str, rounds: int) -> dict[str, Any]:
    """All of it on one drawn clip of 720×1280 at 60 frames a second."""
    with tempfile.TemporaryDirectory() as name:
        folder, path = Path(name), Path(name) / "clip.mp4"
        twins(folder)
        draw_clip(ClipSpec(fps=60.0, seed=1), path)
        clip = load(path, most_frames=256)

        def rtmpose(on: str) -> Tracker:
            return create_tracker(f"rtmpose-{on}", quality="balanced", model_dir=folder)

        def blazepose(on: str) -> Tracker:
            return create_tracker("blazepose", quality="balanced", device=on)

        ours, poses = rtmpose(device), blazepose(device)
        contestants: dict[str, Contestant] = {
            "rtmpose-s, 16 frames a call": through(ours),
            f"rtmpose-s, {LONG_CALL} frames a call": through(ours, LONG_CALL),
            "blazepose": through(poses),
            "rtmlib BodyWithFeet per frame": rtmlib(folder, device),
        }
        isolated = measure(clip, contestants, rounds)
        gpu = device != "cpu"
        report = {
            "device": device_name(device),
            "providers": {t.info.name: t.info.provider for t in (ours, poses)},
            "versions": {
                "onnxruntime": str(onnx_runtime().__version__),
                **{p: version(p) for p in ("av", "rtmlib")},
            },
            "isolated": isolated,
            "end_to_end": {
                t.info.name: end_to_end(path, t, gpu=gpu, rounds=rounds) for t in (ours, poses)
            },
            "apart_from_the_cpu": {
                "rtmpose": _beside_cpu(clip, ours, rtmpose),
                "blazepose": _beside_cpu(clip, poses, blazepose),
            },
            "targets": TARGETS,
        }
        for tracker in (ours, poses):
            tracker.close()
    long_call, peer = (isolated[n]["wall_ms"] for n in list(contestants)[1::2])
    return {**report, "times_rtmlib": peer / long_call}


def _beside_cpu(clip: Clip, tracker: Tracker, create: Callable[[str], Tracker]) -> dict[str, float]:
    reference = create("cpu")
    with closing(reference):
        return agreement(clip, tracker, reference)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cuda", "tensorrt", "cpu"), default="cuda")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    report = compare(options.device, options.rounds)
    print(json.dumps(report, indent=2, ensure_ascii=False))
    out = options.out or Path(__file__).parent / f"results/gpu-{options.device}.json"
    if options.device != "cpu" or options.out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
