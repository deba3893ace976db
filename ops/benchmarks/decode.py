"""CPU time per upright frame: reading here against cv2.VideoCapture, on the same clips, in turn.

`python ops/benchmarks/decode.py`: each measurement is a fresh process; the best of several counts.
"decoding alone" is FFmpeg's decoder on one thread, its pictures thrown away: what no reader beats.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

WAYS = ("cv2", "decoding alone", "full size", "for the tracker")
TRACKER_SIDE = 640  # the setting least_side_px


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def read_with_cv2(path: Path) -> int:
    import cv2

    capture, frames = cv2.VideoCapture(str(path)), 0
    while capture.read()[0]:
        frames += 1
    return frames


def decode_alone(path: Path) -> int:
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        return sum(len(packet.decode()) for packet in container.demux(stream))


def read_here(path: Path, least_side: int | None) -> int:
    import cv2

    from posebatch_workers.video.reader import ReadOptions, open_video

    cv2.setNumThreads(1)  # as in the decoding process
    with open_video(path, ReadOptions(least_side=least_side)) as video:
        return sum(len(batch) for batch in video.batches())


def read(way: str, path: Path) -> int:
    if way == "cv2":
        return read_with_cv2(path)
    if way == "decoding alone":
        return decode_alone(path)
    return read_here(path, TRACKER_SIDE if way == "for the tracker" else None)


def measure_once(way: str, path: Path) -> None:
    """In a process of its own: warm the imports and the page cache, then measure."""
    read(way, path)
    started = cpu_seconds()
    frames = read(way, path)
    print(1000 * (cpu_seconds() - started) / frames)


def measure(way: str, path: Path) -> float:
    command = [sys.executable, __file__, "--once", way, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def ratios(rows: list[dict[str, Any]]) -> dict[str, float]:
    """CPU time per frame over these clips, by that of cv2."""
    spent = {way: sum(row["cpu_ms_per_frame"][way] for row in rows) for way in WAYS}
    return {way: spent[way] / spent["cv2"] for way in WAYS[1:]}


def rounded(numbers: dict[str, float]) -> dict[str, float]:
    return {way: round(number, 2) for way, number in numbers.items()}


def main() -> None:
    from video_clips import CODECS, SIZES, clip

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", nargs=2, metavar=("WAY", "CLIP"))
    parser.add_argument("--clips", type=Path, default=Path(".bench/clips"))
    parser.add_argument("--codecs", nargs="+", choices=CODECS, default=list(CODECS))
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--json", type=Path, default=Path(".bench/decode.json"))
    options = parser.parse_args()
    if options.once:
        measure_once(options.once[0], Path(options.once[1]))
        return
    rows = []
    for size, codec, degrees in product(SIZES, options.codecs, (0, 90)):
        seconds = 3 if size == "4k" else 6
        path = clip(options.clips, size, seconds=seconds, degrees=degrees, codec=codec)
        best = dict.fromkeys(WAYS, float("inf"))
        for _ in range(options.rounds):
            best = {way: min(ms, measure(way, path)) for way, ms in best.items()}
        row = {"clip": size, "codec": codec, "rotated": degrees, "cpu_ms_per_frame": best}
        row["ratios"] = ratios([row])
        rows.append(row)
        print(size, codec, degrees, rounded(best))
        print("   against cv2:", rounded(row["ratios"]), flush=True)
    for size in SIZES:
        of_size = [row for row in rows if row["clip"] == size]
        print(size, "all clips against cv2:", rounded(ratios(of_size)))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
