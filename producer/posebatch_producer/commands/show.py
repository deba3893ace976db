"""runs, status, results, show, export: what the ledger knows."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from posebatch_producer.commands import arguments as a


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(runs)
    app.command()(status)
    app.command()(results)
    app.command()(show)
    app.command()(export)


def runs(*, json: a.Json = False) -> None:
    """All runs, newest first."""
    from posebatch_producer.printing import print_runs
    from posebatch_producer.runs import list_runs

    print_runs(list_runs(), as_json=json)


def status(
    run: Annotated[str | None, typer.Argument(help="Run id or name; all by default.")] = None,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Refresh until Ctrl-C.")] = False,
    json: a.Json = False,
) -> None:
    """Runs, queues, workers and what they are at."""
    from posebatch_producer.printing import print_status
    from posebatch_producer.status import read_status, watch_status
    from posebatch_shared.errors import UsageError

    if watch and json:
        raise UsageError("--watch has no end, and JSON would have none: ask for --json repeatedly")
    if watch:
        watch_status(run)
    else:
        print_status(read_status(run), as_json=json)


def results(
    run: a.RunName = None,
    *,
    output: Annotated[Format, typer.Option("--format", help="table, json or csv.")] = Format.TABLE,
    worst: Annotated[bool, typer.Option("--worst", help="Lowest quality first.")] = False,
    json: a.Json = False,
) -> None:
    """What came back from a run, one row per video."""
    from posebatch_producer.printing import print_results
    from posebatch_producer.reading import read_run, worst_first

    document = read_run(run)
    if worst:
        document = worst_first(document)
    print_results(document, output="json" if json else output.value)


def show(job: a.JobId, *, json: a.Json = False) -> None:
    """One job: metrics, error, artifacts and the timing tree."""
    from posebatch_producer.printing import print_job
    from posebatch_producer.reading import read_job

    print_job(read_job(job), as_json=json)


def export(
    runs: Annotated[
        list[str] | None,
        typer.Argument(help="Run ids or names; the latest by default.", metavar="[RUN...]"),
    ] = None,
    *,
    to: Annotated[str, typer.Option("--to", help="Folder for metrics.csv and keypoint files.")],
) -> None:
    """Copy runs' metrics and keypoints into a folder.

    Of a video that several have, the last named run with a result counts.
    """
    from posebatch_producer.export import export_runs
    from posebatch_producer.printing import finish_export

    finish_export(export_runs(runs or [], to), folder=to)
