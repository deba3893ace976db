"""demo, run, samples: everything on this machine, nothing to set up."""

from __future__ import annotations

from typing import Annotated

import typer

from posebatch_producer.commands import arguments as a
from posebatch_producer.processes import WORKERS, become


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(demo)
    app.command()(run)
    app.command()(samples)


def run(
    paths: a.Paths,
    *,
    tracker: a.Tracker = None,
    quality: a.Preset = a.Quality.BALANCED,
    kind: a.KindOption = a.JumpKind.AUTO,
    athlete: a.Athlete = "auto",
    slow_motion: a.SlowMotion = None,
    athlete_height: a.AthleteHeight = None,
    dense: a.Dense = False,
    overlay: a.Overlay = False,
    force: a.Force = False,
    name: a.Name = None,
    json: a.Json = False,
) -> None:
    """Track videos on this machine and print what came back."""
    from posebatch_producer.local_run import run_here
    from posebatch_shared.settings import load_settings

    options = a.track_options(
        tracker=tracker,
        quality=quality,
        kind=kind,
        athlete=athlete,
        slow_motion=slow_motion,
        athlete_height_m=athlete_height,
        dense=dense,
        overlay=overlay,
    )
    document = run_here(
        paths, options, name=a.run_name(name, paths), force=force, settings=load_settings()
    )
    from posebatch_producer.printing import finish  # after the work: it would delay the workers

    finish(document, as_json=json)


def demo(
    *,
    tracker: a.Tracker = None,
    keep: Annotated[str | None, typer.Option(help="Keep the clips in this folder.")] = None,
    json: a.Json = False,
) -> None:
    """Draw an athlete with known jumps, track the clips, compare."""
    from posebatch_producer.demo import run_demo
    from posebatch_producer.printing import finish_demo

    name = a.tracker_name(tracker) if tracker else None
    finish_demo(run_demo(tracker=name, keep=keep), as_json=json)


def samples(
    directory: Annotated[str, typer.Argument(help="Folder for clips and truth.json.")],
    *,
    every: Annotated[
        bool, typer.Option("--all", help="The wide set, not only the demo's.")
    ] = False,
) -> None:
    """Draw sample clips of an athlete with known jumps.

    What is true of them is written into truth.json.
    """
    become(WORKERS, ["samples", directory, *(["--all"] if every else [])])
