"""The demo: clips of a drawn athlete with known jumps, tracked for real, beside the truth."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from posebatch_producer.local_run import run_here
from posebatch_producer.processes import WORKERS, run_to_end
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.settings import load_settings


def run_demo(*, tracker: str | None, keep: str | None) -> dict[str, Any]:
    """Draw, track and compare; the run's document with `truth` beside each job's result."""
    with tempfile.TemporaryDirectory(prefix="posebatch-demo-") as temporary:
        folder = Path(keep or temporary).resolve()
        Console(stderr=True).print("drawing sample clips …")
        run_to_end(WORKERS, ["samples", str(folder)])
        options = TrackOptions(
            tracker=tracker or load_settings().tracker_backend, overlay=bool(keep)
        )
        # Drawn afresh, so that the demo shows work and not the cache.
        document = run_here([str(folder)], options, name="demo", force=True)
        return {**document, "jobs": _with_truth(document, folder)}


def _with_truth(document: Mapping[str, Any], folder: Path) -> list[dict[str, Any]]:
    clips = json.loads((folder / "truth.json").read_text())["clips"]
    truth = {clip["file"]: clip["truth"] for clip in clips}
    return [{**job, "truth": truth[Path(job["video"]).name]} for job in document["jobs"]]
