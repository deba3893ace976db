"""What it costs to decode in another process: throughput against in-process reading, in turn.

`python ops/benchmarks/separation.py`: at full size, which is the worst case for the ring, and at
the tracker's size. Also how soon the next clip is open after a crash.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
from video_clips import clip

from posebatch_shared.errors import DecoderCrashed
from posebatch_workers.video.reader import ReadOptions, open_video
from posebatch_workers.video.sandbox import DecoderProcess

TRACKER_SIDE = 640  # the setting least_side_px


def seconds_per_frame(open_clip: Callable, path: Path, options: ReadOptions) -> np.ndarray:
    """Wall and processor time per frame of a consumer that looks at every picture."""
    started, frames = clocks(), 0
    with open_clip(path, options) as video:
        for batch in video.batches():
            for frame in batch:
                frame.pixels[::16, ::16].sum()
            frames += len(batch)
    return (clocks() - started) / frames


def clocks() -> np.ndarray:
    """Wall and processor seconds so far, those of the decoding processes included."""
    children = [child.cpu_times() for child in psutil.Process().children()]
    spent = sum(times.user + times.system for times in children)
    return np.array((time.perf_counter(), time.process_time() + spent))


def compare(decoder: DecoderProcess, path: Path, options: ReadOptions, rounds: int) -> dict:
    ways = {"in-process": open_video, "sandboxed": decoder.open}
    times: dict[str, list[np.ndarray]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, open_clip in ways.items():
            times[way].append(seconds_per_frame(open_clip, path, options))
    best = {way: np.min(values, axis=0) for way, values in times.items()}
    pairs = zip(times["in-process"], times["sandboxed"], strict=True)
    return {
        "frames_per_second": {way: round(1 / wall, 1) for way, (wall, _) in best.items()},
        "cpu_ms_per_frame": {way: round(1000 * cpu, 2) for way, (_, cpu) in best.items()},
        "best_ratio": round(best["in-process"][0] / best["sandboxed"][0], 3),
        "median_ratio": round(statistics.median(inside[0] / out[0] for inside, out in pairs), 3),
    }


def replacements_ms(path: Path, rounds: int) -> list[dict[str, float]]:
    """From the death of the decoding process: until it has a name, until the next clip is open.

    `opening` is what opening the clip takes in a process that has not died.
    """
    decoder, times = DecoderProcess(), []
    for _ in range(rounds):
        with decoder.open(path, ReadOptions()) as video:
            next(video.batches())
        time.sleep(1.0)  # the spare gets ready meanwhile, as it does during a clip
        started = time.perf_counter()
        with decoder.open(path, ReadOptions(batch_frames=4)) as video:
            opening = time.perf_counter() - started
            batches = video.batches()
            next(batches)
            started = _kill(decoder.pid)
            with suppress(DecoderCrashed):
                list(batches)
            named = time.perf_counter() - started
        with decoder.open(path, ReadOptions()):
            opened = time.perf_counter() - started
        seconds = {"named": named, "next_clip_open": opened, "opening": opening}
        times.append({name: round(1000 * value, 1) for name, value in seconds.items()})
    decoder.close()
    return times


def _kill(pid: int) -> float:
    os.kill(pid, signal.SIGKILL)
    return time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path(".bench/clips"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, default=Path(".bench/separation.json"))
    arguments = parser.parse_args()
    decoder, results = DecoderProcess(), {}
    seconds_per_frame(decoder.open, clip(arguments.clips, "720p", seconds=6), ReadOptions())
    time.sleep(1.0)  # the spare has started: its start is not part of a clip
    for size in ("720p", "1080p"):
        path = clip(arguments.clips, size, seconds=6)
        for side in (None, TRACKER_SIDE):
            key = f"{size} {'full size' if side is None else side}"
            options = ReadOptions(least_side=side)
            results[key] = compare(decoder, path, options, arguments.rounds)
            print(key, results[key])
    decoder.close()
    replaced = replacements_ms(clip(arguments.clips, "720p", seconds=6), arguments.rounds)
    results["replacements_ms"] = replaced
    for row in replaced:
        print("killed, ms until", row)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
