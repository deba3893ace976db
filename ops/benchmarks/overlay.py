"""How much longer a job takes with the overlay on: from a spool, and from a second decode.

`python ops/benchmarks/overlay.py`: jobs as a worker does them, one at a time with one tracker, from
the file to keypoints and film, on a drawn athlete who stands for two seconds before and after a
jump; with every frame tracked, and with the frames passed over in which nobody moves. Wall and
processor time (decoding process included), the ways in turn, medians; the first round warms up and
does not count.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import psutil
from unwatched import Unwatched

from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.settings import Settings
from posebatch_workers.athlete.clip import ClipSpec, draw_clip
from posebatch_workers.checkpoint import Checkpoint
from posebatch_workers.overlay.encoding import film_threads
from posebatch_workers.overlay.spool import MOST_BYTES, Spool
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import Tracker
from posebatch_workers.trackers.factory import create_tracker
from posebatch_workers.tracking import track_file, write_artifacts
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess

SIZES = {"720p": (720, 1280), "1080p": (1080, 1920)}
WAYS = ("none", "spool", "second decode")


def drawn(folder: Path, size: str, fps: int, noise_free: bool) -> Path:
    """A clip of some six seconds, as a rule with the noise and the bit rate of a phone's: 6.5
    Mbit/s at 720p and 14 at 1080p with 30 pictures a second."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"drawn-{size}-{fps}-{'noise-free' if noise_free else 'phone'}.mp4"
    if not path.exists():
        width, height = SIZES[size]
        form = ClipSpec(width=width, height=height, fps=fps, quiet_seconds=2.0)
        draw_clip(form if noise_free else replace(form, noise_sd=3.0, crf=17), path)
    return path


def clocks(decoder: DecoderProcess) -> np.ndarray:
    """Wall and processor seconds so far."""
    spent = psutil.Process(decoder.pid).cpu_times() if decoder.pid else None
    return np.array(
        (time.perf_counter(), time.process_time() + (spent.user + spent.system if spent else 0))
    )


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker's process keeps from job to job."""

    decoder: DecoderProcess
    tracker: Tracker
    film_threads: ThreadPoolExecutor


def job(worker: Worker, way: str, path: Path, dense: bool) -> np.ndarray:
    """Wall and processor seconds per frame of one job."""
    settings, decoder, tracker = Settings(), worker.decoder, worker.tracker
    with tempfile.TemporaryDirectory(prefix="posebatch-bench-") as name:
        folder, started, timer = Path(name), clocks(decoder), StageTimer()
        most_bytes = MOST_BYTES if way == "spool" else 0
        with nullcontext() if way == "none" else Spool(folder, most_bytes) as spool:
            tracked = track_file(
                path,
                TrackOptions(dense=dense),
                tracker=tracker,
                decoder=decoder,
                reading=ReadOptions(least_side=settings.least_side_px, threads=0),
                checkpoint=Checkpoint(
                    folder,
                    content_hash="clip",
                    pipeline_hash=way,
                    part_seconds=settings.checkpoint_seconds,
                ),
                spool=spool,
                progress=Unwatched(),
                timer=timer,
            )
            write_artifacts(
                tracked,
                path,
                name="result",
                scratch=folder,
                tracker=tracker,
                decoder=decoder,
                spool=spool,
                artifacts=open_artifacts(str(folder)),
                film_threads=worker.film_threads,
                timer=timer,
            )
        return (clocks(decoder) - started) / len(tracked.sequence)


def measure(rounds: int, worker: Worker, path: Path, dense: bool) -> dict:
    """Medians over the rounds, and how much longer than without an overlay."""
    times: dict[str, list] = {way: [] for way in WAYS}
    for _ in range(1 + rounds):
        for way in WAYS:
            times[way].append(job(worker, way, path, dense))
    usual = {way: np.median(rows[1:], axis=0) for way, rows in times.items()}
    return {
        "wall_and_cpu_ms_per_frame": {w: (1000 * s).round(2).tolist() for w, s in usual.items()},
        "longer": {w: (usual[w] / usual["none"] - 1).round(3).tolist() for w in WAYS[1:]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path(".bench/clips"))
    parser.add_argument("--tracker", default="blazepose")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--rates", nargs="+", type=int, default=[30, 60])
    parser.add_argument("--noise-free", action="store_true")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, default=Path(".bench/overlay.json"))
    arguments = parser.parse_args()
    cv2.setNumThreads(1)  # as in a worker
    tracker, results = create_tracker(arguments.tracker, quality="fast"), {}
    worker = Worker(DecoderProcess(), tracker, film_threads())
    for size, fps, dense in product(arguments.sizes, arguments.rates, (True, False)):
        path = drawn(arguments.clips, size, fps, arguments.noise_free)
        name = f"{size} {fps} {'every frame' if dense else 'passed over'}"
        results[name] = measure(arguments.rounds, worker, path, dense)
        print(name, results[name], flush=True)
    tracker.close()
    worker.decoder.close()
    worker.film_threads.shutdown()
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
