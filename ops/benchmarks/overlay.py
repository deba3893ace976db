"""How much longer a job takes with the overlay on: from a spool, and from a second decode.

`python ops/benchmarks/overlay.py`: decode, track and write the film, one clip
at a time, as a worker does with one tracker. Wall time, the ways in turn, the best of several.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
from video_clips import clip

from posebatch_shared.poses import FramePoses, PoseSequence, Skeleton
from posebatch_shared.results import VideoInfo
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


def job(way: str, decoder: DecoderProcess, tracker: Tracker, path: Path, out: Path) -> float:
    """Seconds per frame of one job."""
    started = time.perf_counter()
    again = partial(decoder.open, path)
    with ExitStack() as stack:
        video = stack.enter_context(decoder.open(path, ReadOptions(max_side=TRACKER_SIDE)))
        spool = stack.enter_context(Spool(out.parent)) if way == "spool" else None
        pictures = spool.recording(video) if spool else video
        poses = track(tracker, video.info, pictures.batches())
        if spool:
            film(spool.opener(again), poses, tracker.skeleton, video.info, out)
    if way == "second decode":
        film(again, poses, tracker.skeleton, video.info, out)
    return (time.perf_counter() - started) / len(poses)


def track(tracker: Tracker, info: VideoInfo, batches: Iterator) -> list[FramePoses]:
    tracker.begin(info, StageTimer())
    return [poses for batch in batches for poses in tracker.track(batch)] + tracker.end()


def film(
    opener: Callable, poses: list[FramePoses], skeleton: Skeleton, info: VideoInfo, out: Path
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
    write_overlay(opener, sequence, ANALYSIS, out, StageTimer())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path(".bench/clips"))
    parser.add_argument("--trackers", nargs="+", default=["mediapipe", "blazepose"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, default=Path(".bench/overlay.json"))
    arguments = parser.parse_args()
    decoder, results = DecoderProcess(), {}
    for name in arguments.trackers:
        tracker = create_tracker(name, quality="fast")
        for size in ("720p", "1080p", "4k"):
            path = clip(arguments.clips, size, seconds=3 if size == "4k" else 6)
            best = dict.fromkeys(WAYS, float("inf"))
            for _ in range(arguments.rounds):
                for way in WAYS:
                    out = arguments.clips / f"{size}-{way}.overlay.mp4"
                    best[way] = min(best[way], job(way, decoder, tracker, path, out))
            milliseconds = {way: round(1000 * seconds, 2) for way, seconds in best.items()}
            longer = {way: round(best[way] / best["none"] - 1, 3) for way in WAYS[1:]}
            results[f"{name} {size}"] = {"ms_per_frame": milliseconds, "longer": longer}
            print(name, size, milliseconds, longer, flush=True)
        tracker.close()
    decoder.close()
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
