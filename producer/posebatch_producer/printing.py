"""What a command says at its end: tables for people, JSON on stdout for machines."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console

from posebatch_producer import tables
from posebatch_producer.export import Exported
from posebatch_producer.run_table import run_table
from posebatch_producer.submit import SubmitReport
from posebatch_producer.timing_tree import timing_tree
from posebatch_shared.errors import ArtifactLost, UsageError
from posebatch_shared.errors.advice import advice_for
from posebatch_shared.file_names import shown

EXIT_DISCARDED = 3


def finish(document: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a run and end with 0 only if every job completed."""
    print_results(document, output="json" if as_json else "table")
    _exit_by(document)


def _exit_by(document: Mapping[str, Any]) -> None:
    run = document["run"]
    if run["completed"] != run["total"]:
        sys.exit(EXIT_DISCARDED)


def print_results(document: Mapping[str, Any], *, output: str) -> None:
    """A run as table, JSON or CSV."""
    if output == "json":
        say_json(document)
    elif output == "csv":
        from posebatch_producer.export import metrics_csv

        sys.stdout.write(metrics_csv(document))
    else:
        _console().print(run_table(document))
        _say_remarks(document["jobs"])
        _say_errors([job for job in document["jobs"] if job["error"]])


def _say_remarks(jobs: Sequence[Mapping[str, Any]]) -> None:
    remarks = Counter(job["remark"] for job in jobs if job["remark"])
    for remark, videos in remarks.items():
        say(f"{remark}: {videos} of {len(jobs)} videos")


def _say_errors(jobs: Sequence[Mapping[str, Any]]) -> None:
    """The videos that did not get through, reason by reason, and what to do about each reason."""
    for code in dict.fromkeys(job["error"]["code"] for job in jobs):
        say(f"{code}: {advice_for(code)}")
        for job in jobs:
            if job["error"]["code"] == code:
                say(shown(f"  {job['video']}: {job['error']['message']}"))


def print_job(job: Mapping[str, Any], *, as_json: bool) -> None:
    """One job."""
    say_json(job) if as_json else _console().print(tables.job_view(job))


def print_submitted(report: SubmitReport, *, as_json: bool) -> None:
    """What a submission did and how to look at it."""
    run = report.run
    if as_json:
        say_json(
            {"run_id": run.run_id, "name": run.name, "added": report.added, "reused": report.reused}
        )
    else:
        say(f"run {run.run_id} · {shown(run.name)}: {report.counts}")
        if run.paused:
            say(f"it is paused; go on with: posebatch resume {run.run_id}")
        say(f"watch it with: posebatch status {run.run_id} --watch")


def finish_demo(document: Mapping[str, Any], *, as_json: bool) -> None:
    """Measured beside true values, then one timing tree; ends as a run does."""
    if as_json:
        say_json(document)
    else:
        _print_demo(document)
    _exit_by(document)


def _print_demo(document: Mapping[str, Any]) -> None:
    console, jobs = _console(), document["jobs"]
    console.print(tables.demo_table(document))
    _say_errors([job for job in jobs if job["error"]])
    for first in [job for job in jobs if job["state"] == "completed"][:1]:
        console.print(f"where the time of {first['video'].rsplit('/', 1)[-1]} went:")
        console.print(timing_tree(first["timings"], first["video_info"]["frames"]))


def print_runs(runs: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """All runs."""
    say_json(runs) if as_json else _console().print(tables.runs_table(runs))


def print_status(status: Mapping[str, Any], *, as_json: bool) -> None:
    """Runs, queues, workers."""
    if as_json:
        say_json(status)
    else:
        from posebatch_producer.status_view import status_view

        _console().print(status_view(status))


def finish_reanalysis(counts: Mapping[str, int], *, as_json: bool) -> None:
    """What was analysed again; ends with 0 only if no keypoints were missing."""
    if as_json:
        say_json(counts)
    else:
        say(
            f"run {counts['run_id']}: {counts['reanalysed']} analysed again, {counts['current']} "
            f"up to date, {counts['without_keypoints']} without keypoints that can be read"
        )
    if counts["without_keypoints"]:
        sys.exit(EXIT_DISCARDED)


def confirm_deletion(found: Mapping[str, Any]) -> None:
    """Ask on a terminal. Errors: UsageError where nobody can be asked; typer.Abort at a no."""
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here: say --yes, or --dry-run")
    typer.confirm(f"Delete {_deletion(found)}?", abort=True, err=True)


def print_deletion(found: Mapping[str, Any], *, as_json: bool) -> None:
    """What went with the runs, or would."""
    if as_json:
        say_json(found)
    else:
        say(f"{'deleted' if found['deleted'] else 'would delete'} {_deletion(found)}")


def _deletion(found: Mapping[str, Any]) -> str:
    runs = ", ".join(f"run {run['run_id']} · {shown(run['name'])}" for run in found["runs"])
    megabytes = found["bytes"] / 1e6
    counts = f"{found['jobs']} jobs, {found['results']} results, {found['files']} files"
    return f"{runs}: {counts} ({megabytes:.1f} MB)"


def finish_export(exported: Exported, *, folder: str) -> None:
    """What was written; ends with 0 only if no keypoints were missing."""
    say(f"{folder}: metrics.csv, results.json and keypoints of {exported.keypoints} videos")
    if lost := exported.left_out:
        _say_aside(f"keypoints of {len(lost)} videos cannot be read: {ArtifactLost.advice}")
        for video, error in lost:
            _say_aside(shown(f"  {video}: {error}"))
        sys.exit(EXIT_DISCARDED)


def print_doctor(report: Mapping[str, Any], *, as_json: bool) -> None:
    """What works on this machine and what does not, with the reason."""
    if as_json:
        say_json(report)
    else:
        _console().print(tables.doctor_view(report), soft_wrap=True)
    if not report["ready"]:
        sys.exit(1)


def say(text: str) -> None:
    """One line for people."""
    _console().print(text, highlight=False, soft_wrap=True)  # paths are there to be copied


def _say_aside(text: str) -> None:
    """One line for people on stderr."""
    Console(stderr=True, markup=False).print(text, highlight=False, soft_wrap=True)


def say_json(value: Any) -> None:
    """One document for machines."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


def _console() -> Console:
    # File names and package extras have brackets, which are not markup.
    return Console(width=None if sys.stdout.isatty() else 120, markup=False)
