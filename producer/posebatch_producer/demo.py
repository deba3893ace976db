"""The demo: clips of a drawn athlete with known jumps, tracked for real, beside the truth."""

from __future__ import annotations

import json
import tempfile
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
        clips = json.loads((folder / "truth.json").read_text())["clips"]
        settings = load_settings().model_copy(update={"roots": {}})  # the clips lie under none
        options = TrackOptions(tracker=tracker or settings.tracker_backend, overlay=bool(keep))
        document = run_here(
            [str(folder / clip["file"]) for clip in clips],
            options,
            name="demo",
            force=True,  # drawn afresh, so that the demo shows work and not the cache
            settings=settings,
            carries_on=False,  # other clips are drawn next time
        )
        truth = {clip["file"]: clip["truth"] for clip in clips}
        jobs = [{**job, "truth": truth[Path(job["video"]).name]} for job in document["jobs"]]
        return {**document, "jobs": jobs}
