"""Peak memory of reading a 1080p clip of 10 s and of 10 min: it must not grow with the length.

`python ops/benchmarks/decoder_memory.py`: each clip in a fresh process; both the process that
holds the tracker and the decoding process are measured. The long clip is the short one, repeated.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

TRACKER_SIDE = 640  # the setting max_side_px
LENGTHS = {"10 s": 1, "10 min": 60}


def peak_mib(pid: int) -> float:
    """Peak resident memory of a live process (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measure_once(path: Path) -> None:
    import os

    from posebatch_workers.video.options import ReadOptions
    from posebatch_workers.video.sandbox import DecoderProcess

    decoder, frames = DecoderProcess(), 0
    with decoder.open(path, ReadOptions(max_side=TRACKER_SIDE)) as video:
        for batch in video.batches():
            frames += len(batch)
            batch[0].pixels.max()
        peaks = {"reader": peak_mib(os.getpid()), "decoder": peak_mib(decoder.pid)}
    decoder.close()
    print(json.dumps({"frames": frames, "peak_mib": peaks}))


def main() -> None:
    from video_clips import clip, repeated

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", type=Path)
    parser.add_argument("--clips", type=Path, default=Path(".bench/clips"))
    parser.add_argument("--json", type=Path, default=Path(".bench/decoder_memory.json"))
    options = parser.parse_args()
    if options.once:
        measure_once(options.once)
        return
    source, results = clip(options.clips, "1080p", seconds=10), {}
    for name, times in LENGTHS.items():
        path = repeated(source, options.clips / f"1080p-times-{times}.mp4", times)
        command = [sys.executable, __file__, "--once", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        results[name] = json.loads(done.stdout)
        print(name, results[name])
    short, long = (results[name]["peak_mib"] for name in LENGTHS)
    growth = {process: long[process] / short[process] - 1 for process in short}
    print("growth:", {process: f"{100 * share:+.1f} %" for process, share in growth.items()})
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"runs": results, "growth": growth}, indent=2))


if __name__ == "__main__":
    main()
