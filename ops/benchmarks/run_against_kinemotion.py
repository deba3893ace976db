"""Wall time of `posebatch run` against kinemotion's batch command, same clips, same run.

uv run python ops/benchmarks/run_against_kinemotion.py [--clips 8] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from posebatch_workers.athlete.clip import ClipSpec, draw_clip

RESULTS = Path(__file__).parent / "results" / "run_against_kinemotion.json"
PEER = ["uvx", "--from", "kinemotion==0.82.0", "kinemotion", "cmj-analyze"]


def main() -> None:
    """Draw the clips, time both commands in turn, print the ratio of medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="posebatch-bench-") as folder:
        clips = draw_archive(Path(folder), arguments.clips)
        report = compare(clips, Path(folder), arguments.repeats)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=2) + "\n")
    print_report(report)


def draw_archive(folder: Path, number: int) -> list[Path]:
    """720×1280 at 60 fps, one countermovement jump each, heights from 20 to 45 cm."""
    clips = []
    for index in range(number):
        path = folder / f"cmj_{index}.mp4"
        draw_clip(ClipSpec(height_m=0.20 + 0.25 * index / max(1, number - 1), seed=index), path)
        clips.append(path)
    return clips


def compare(clips: list[Path], folder: Path, repeats: int) -> dict[str, Any]:
    """Medians of `repeats` runs each, in turn, after one warm-up of the peer's environment."""
    subprocess.run([*PEER, "--help"], check=True, capture_output=True)
    ours, theirs = [], []
    for repeat in range(repeats):
        ours.append(timed(lambda r=repeat: run_posebatch(clips, folder / f"home-{r}")))
        theirs.append(timed(lambda: run_kinemotion(clips, folder / "peer")))
    return {
        "clips": len(clips),
        "cores": len(os.sched_getaffinity(0)),
        "machine": platform.processor() or platform.machine(),
        "posebatch_seconds": ours,
        "kinemotion_seconds": theirs,
        "ratio": statistics.median(theirs) / statistics.median(ours),
    }


def timed(work: Callable[[], None]) -> float:
    """Seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def run_posebatch(clips: list[Path], home: Path) -> None:
    """Every frame tracked, nothing from a cache."""
    command = [sys.executable, "-m", "posebatch_producer", "run", "--dense", "--json"]
    environment = {**os.environ, "POSEBATCH_HOME": str(home)}
    done = subprocess.run(
        [*command, *map(str, clips)], env=environment, capture_output=True, check=True
    )
    document = json.loads(done.stdout)
    if document["run"]["completed"] != len(clips) or any(j["cache_hit"] for j in document["jobs"]):
        raise SystemExit(f"not every clip was tracked: {document['run']}")


def run_kinemotion(clips: list[Path], folder: Path) -> None:
    """The peer's own batch form."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    command = [*PEER, *map(str, clips), "--batch", "--workers", "2"]
    subprocess.run([*command, "--json-output-dir", str(folder)], check=True, capture_output=True)


def print_report(report: dict[str, Any]) -> None:
    """Medians and their ratio."""
    for name in ("posebatch", "kinemotion"):
        median = statistics.median(report[f"{name}_seconds"])
        print(f"{name:<11} {median:7.2f} s for {report['clips']} clips")
    print(f"posebatch is {report['ratio']:.2f} times as fast on {report['cores']} cores")


if __name__ == "__main__":
    main()
