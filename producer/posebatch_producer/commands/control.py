"""cancel, pause, resume, retry, reanalyze, delete: a person's word on a run, kept in the ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from posebatch_producer.commands import arguments as a

Run = Annotated[str, typer.Argument(help="Run id or name, as `runs` lists them.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    for command in (cancel, pause, resume, retry, reanalyze, delete):
        app.command()(command)


def cancel(run: Run) -> None:
    """Take a run back; what runs stops within seconds."""
    from posebatch_producer.control import change
    from posebatch_producer.printing import say

    say(change(run, "cancel"))


def pause(run: Run) -> None:
    """Start no more jobs of a run until it is resumed."""
    from posebatch_producer.control import change
    from posebatch_producer.printing import say

    say(change(run, "pause"))


def resume(run: Run) -> None:
    """Go on with a paused run."""
    from posebatch_producer.control import change
    from posebatch_producer.printing import say

    say(change(run, "resume"))


def retry(
    run: Run,
    *,
    failed: Annotated[bool, typer.Option("--failed/--no-failed", help="Discarded jobs.")] = True,
    cancelled: Annotated[bool, typer.Option("--cancelled", help="Cancelled jobs too.")] = False,
) -> None:
    """Put discarded (or cancelled) jobs back to the start."""
    from posebatch_producer.control import retry_run
    from posebatch_producer.printing import say

    say(retry_run(run, failed=failed, cancelled=cancelled))


def reanalyze(run: Run, *, json: a.Json = False) -> None:
    """Analyse stored keypoints as this version does.

    No video is opened, so films go on showing what was measured when they were made.
    """
    from posebatch_producer.control import reanalyze_run
    from posebatch_producer.printing import finish_reanalysis

    finish_reanalysis(reanalyze_run(run), as_json=json)


def delete(
    runs: Annotated[
        list[str], typer.Argument(help="Run ids or names, as `runs` lists them.", metavar="RUN...")
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: a.Json = False,
) -> None:
    """Remove ended runs, their results and files.

    Results and files that another run uses stay.
    """
    from posebatch_producer.deletion import delete_runs, find_deletion, find_runs
    from posebatch_producer.printing import confirm_deletion, print_deletion

    chosen = find_runs(runs)
    found = find_deletion(chosen)
    if not dry_run:
        if not yes:
            confirm_deletion(found)
        found = delete_runs(chosen)
    print_deletion(found, as_json=json)
