"""What it costs to decode in another process: throughput against in-process reading, in turn.

`python ops/benchmarks/separation.py`: at full size, which is the worst case for the ring, and at
the tracker's size. Also how long a fresh process takes to be ready after a crash.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from video_clips import clip

from posebatch_shared.errors import DecoderCrashed
from posebatch_workers.video.reader import ReadOptions, open_video
from posebatch_workers.video.sandbox import DecoderProcess


def seconds_per_frame(open_clip: Callable, path: Path, options: ReadOptions) -> float:
    """Wall time per frame of a consumer that looks at every picture."""
    started, frames = time.perf_counter(), 0
    with open_clip(path, options) as video:
        for batch in video.batches():
            for frame in batch:
                frame.pixels[::16, ::16].sum()
            frames += len(batch)
    return (time.perf_counter() - started) / frames


def compare(decoder: DecoderProcess, path: Path, options: ReadOptions, rounds: int) -> dict:
    ways = {"in-process": open_video, "sandboxed": decoder.open}
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, open_clip in ways.items():
            times[way].append(seconds_per_frame(open_clip, path, options))
    best = {way: 1 / min(values) for way, values in times.items()}
    pairs = zip(times["in-process"], times["sandboxed"], strict=True)
    return {
        "frames_per_second": best,
        "best_ratio": best["sandboxed"] / best["in-process"],
        "median_ratio": statistics.median(inside / outside for inside, outside in pairs),
    }


def replacement_ms(path: Path, rounds: int) -> list[float]:
    """From the death of the decoding process to the first frame's facts of the next clip."""
    decoder, times = DecoderProcess(), []
    for _ in range(rounds):
        with decoder.open(path, ReadOptions()) as video:
            next(video.batches())
        time.sleep(1.0)  # the spare gets ready meanwhile, as it does during a clip
        try:
            with decoder.open(path, ReadOptions(batch_frames=4)) as video:
                batches = video.batches()
                next(batches)
                victim = psutil.Process(decoder.pid)
                os.kill(victim.pid, signal.SIGKILL)
                started = time.perf_counter()
                list(batches)
        except DecoderCrashed:
            with decoder.open(path, ReadOptions()) as video:
                times.append(1000 * (time.perf_counter() - started))
    decoder.close()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path(".bench/clips"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, default=Path(".bench/separation.json"))
    arguments = parser.parse_args()
    decoder, results = DecoderProcess(), {}
    for size in ("720p", "1080p"):
        path = clip(arguments.clips, size, seconds=6)
        for side in (None, 960):
            key = f"{size} {'full size' if side is None else side}"
            options = ReadOptions(max_side=side)
            results[key] = compare(decoder, path, options, arguments.rounds)
            print(key, results[key])
    decoder.close()
    replaced = replacement_ms(clip(arguments.clips, "720p", seconds=6), arguments.rounds)
    results["replacement_ms"] = replaced
    print("replaced and next clip opened, ms:", [round(ms, 1) for ms in replaced])
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
