"""`posebatch bench`: trackers alone, and what two of them make of the same clips."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from rich.console import Console
from rich.table import Column, Table

from posebatch_shared.settings import load_settings
from posebatch_shared.tuning import keep_tuning, usable_cpus

app = typer.Typer(help="Benchmarks on this machine.", rich_markup_mode=None)
Clips = Annotated[list[Path], typer.Argument(help="Clips to time on.")]
Names = Annotated[list[str] | None, typer.Option("--tracker", help="May be given several times.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads of one inference.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


class Report(Protocol):
    """What every benchmark gives."""

    def to_json(self) -> dict[str, Any]: ...
    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]: ...


@app.command()
def trackers(
    clips: Clips, *, tracker: Names = None, threads: Threads = 1, as_json: Json = False
) -> None:
    """Time each tracker alone, on frames in memory.

    Frames a second, percentiles, start, memory, device.
    """
    from posebatch_workers.bench.trackers import run

    report = run(clips, _names(tracker), threads=threads, model_dir=load_settings().model_dir)
    _show(report, as_json=as_json)
    errors = [f"{speed.tracker}: {speed.error}" for speed in report.speeds if speed.error]
    for line in errors:
        Console(stderr=True, markup=False).print(line, soft_wrap=True)
    if errors:
        raise typer.Exit(3)


@app.command()
def compare(clips: Clips, *, tracker: Names = None, as_json: Json = False) -> None:
    """Compare what trackers measure on the same clips.

    Height, flight time, quality and visibility.
    """
    from posebatch_workers.bench.compare import run

    model_dir = load_settings().model_dir
    _show(run(clips, _names(tracker), model_dir=model_dir), as_json=as_json)


@app.command()
def tune(
    clips: Annotated[list[Path] | None, typer.Argument(help="Clips; none: a drawn one.")] = None,
    *,
    tracker: Annotated[str, typer.Option(help="The tracker to tune for.")] = "auto",
    as_json: Json = False,
) -> None:
    """Find how many trackers this machine runs best.

    Trackers side by side against threads in each, measured; the best way is kept for workers.
    """
    from posebatch_workers.bench.tune import run

    settings = load_settings()
    report = run(
        clips or [],
        tracker=tracker,
        cores=usable_cpus(),
        least_side_px=settings.least_side_px,
        model_dir=settings.model_dir,
    )
    path = keep_tuning(settings.home, report.best)
    _show(report, as_json=as_json)
    Console(stderr=True).print(f"workers of this machine now use the first row ({path})")


def _names(given: list[str] | None) -> list[str]:
    """The trackers to time. Errors: UnknownTracker, before any frame is read."""
    from posebatch_workers.trackers.factory import check_name

    names = given or ["mediapipe", "blazepose"]
    for name in names:
        check_name(name)
    return names


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        json.dump(report.to_json(), sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    head, rows = report.table()
    table = Table(*(Column(name, overflow="fold") for name in head))
    for row in rows:
        table.add_row(*row)
    Console(markup=False, width=None if sys.stdout.isatty() else 140).print(table)
