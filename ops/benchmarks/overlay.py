"""How much longer a job takes with the overlay on: from a spool, and from a second decode.

`python ops/benchmarks/overlay.py`: decode, track and write the film, one clip
at a time, as a worker does with one tracker, every frame tracked. Wall and processor time (decoding
process included), the ways in turn, medians; the first round warms up and does not count.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from video_clips import clip

from posebatch_shared.poses import FramePoses, PoseSequence, Skeleton
from posebatch_shared.results import VideoInfo
from posebatch_workers.overlay.footage import Footage, decoded_again
from posebatch_workers.overlay.spool import Spool
from posebatch_workers.overlay.write import write_overlay
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import Tracker
from posebatch_workers.trackers.factory import create_tracker
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess

TRACKER_SIDE = 640
WAYS = ("none", "spool", "second decode")
ANALYSIS = {
    "kind": "cmj",
    "jumps": [{"takeoff_seconds": 1.0, "landing_seconds": 1.5, "jump_height_m": 0.307}],
    "phases": [{"name": "flight", "start_seconds": 1.0, "end_seconds": 1.5}],
}


def clocks(decoder: DecoderProcess) -> np.ndarray:
    """Wall and processor seconds so far."""
    spent = psutil.Process(decoder.pid).cpu_times() if decoder.pid else None
    return np.array(
        (time.perf_counter(), time.process_time() + (spent.user + spent.system if spent else 0))
    )


def job(way: str, decoder: DecoderProcess, tracker: Tracker, path: Path, out: Path) -> np.ndarray:
    """Wall and processor seconds per frame of one job."""
    started = clocks(decoder)
    again = partial(decoder.open, path)
    with ExitStack() as stack:
        video = stack.enter_context(decoder.open(path, ReadOptions(least_side=TRACKER_SIDE)))
        spool = stack.enter_context(Spool(out.parent)) if way == "spool" else None
        pictures = spool.recording(video) if spool else video
        poses = track(tracker, video.info, pictures.batches())
        if spool:
            film(spool.footage(again), poses, tracker.skeleton, video.info, out)
    if way == "second decode":
        film(decoded_again(again), poses, tracker.skeleton, video.info, out)
    return (clocks(decoder) - started) / len(poses)


def track(tracker: Tracker, info: VideoInfo, batches: Iterator) -> list[FramePoses]:
    tracker.begin(info, StageTimer())
    return [poses for batch in batches for poses in tracker.track(batch)] + tracker.end()


def film(
    footage: AbstractContextManager[Footage],
    poses: list[FramePoses],
    skeleton: Skeleton,
    info: VideoInfo,
    out: Path,
) -> None:
    """The overlay of the first person of every frame."""
    nobody = np.full((len(skeleton.nodes), 3), np.nan, np.float32)
    unseen = np.zeros(len(skeleton.nodes), np.float32)
    sequence = PoseSequence(
        skeleton=skeleton,
        width=info.width,
        height=info.height,
        frame_index=np.asarray([p.frame_index for p in poses]),
        pts_seconds=np.asarray([p.pts_seconds for p in poses]),
        keypoints=np.stack([p.keypoints[0] if len(p.scores) else nobody for p in poses]),
        visibility=np.stack([p.scores[0] if len(p.scores) else unseen for p in poses]),
    )
    write_overlay(footage, sequence, ANALYSIS, out, StageTimer())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path(".bench/clips"))
    parser.add_argument("--trackers", nargs="+", default=["mediapipe", "blazepose"])
    parser.add_argument("--sizes", nargs="+", default=["720p", "1080p", "4k"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, default=Path(".bench/overlay.json"))
    arguments = parser.parse_args()
    decoder, results = DecoderProcess(), {}
    for name in arguments.trackers:
        tracker = create_tracker(name, quality="fast")
        for size in arguments.sizes:
            path = clip(arguments.clips, size, seconds=3 if size == "4k" else 6)
            times: dict[str, list] = {way: [] for way in WAYS}
            for _ in range(1 + arguments.rounds):
                for way in WAYS:
                    out = arguments.clips / f"{size}-{way}.overlay.mp4"
                    times[way].append(job(way, decoder, tracker, path, out))
            usual = {way: np.median(rows[1:], axis=0) for way, rows in times.items()}
            milliseconds = {way: (1000 * ms).round(2).tolist() for way, ms in usual.items()}
            longer = {way: (usual[way] / usual["none"] - 1).round(3).tolist() for way in WAYS[1:]}
            kib_per_second = round(out.stat().st_size / 1024 / (3 if size == "4k" else 6))
            results[f"{name} {size}"] = {
                "wall_and_cpu_ms_per_frame": milliseconds,
                "longer": longer,
                "film_kib_per_second": kib_per_second,
            }
            print(name, size, results[f"{name} {size}"], flush=True)
        tracker.close()
    decoder.close()
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
