"""`python -m posebatch_workers`: what the command starts as processes of their own."""

from __future__ import annotations

import atexit
import gc
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from posebatch_shared.errors.printed import ended_with_words

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def worker(
    *,
    device: str = "cpu",
    concurrency: int = 0,
    tracker: str | None = None,
    allow_fallback: Annotated[bool, typer.Option("--allow-fallback")] = False,
) -> None:
    """Serve jobs until told to stop."""
    gc.disable()  # what is imported stays; `serve` turns it on again
    from posebatch_shared.settings import load_settings

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process per core already
    # The pool's processes may be fresh interpreters: what was typed reaches them this way.
    os.environ["POSEBATCH_DEVICE"] = device
    if concurrency:
        os.environ["POSEBATCH_CONCURRENCY"] = str(concurrency)
    if tracker:
        os.environ["POSE_TRACKER_BACKEND"] = tracker
    if allow_fallback:
        os.environ["POSEBATCH_ALLOW_FALLBACK"] = "1"
    settings = load_settings()
    from posebatch_workers.app import serve

    code = serve(settings)
    atexit._run_exitfuncs()
    os._exit(code)  # Python would take half a second to take apart what ends anyway


@app.command()
def samples(directory: Path, *, every: Annotated[bool, typer.Option("--all")] = False) -> None:
    """Draw sample clips and truth.json."""
    from posebatch_workers.athlete.samples import demo_specs, sample_set, write_samples

    specs = sample_set() if every else demo_specs()

    def tell(number: int, name: str) -> None:
        sys.stderr.write(f"{number}/{len(specs)} {name}\n")

    sys.stderr.write(f"what is true of them: {write_samples(directory, specs, tell)}\n")


@app.command()
def prove(
    *,
    device: str = "gpu",
    allow_fallback: Annotated[bool, typer.Option("--allow-fallback")] = False,
) -> None:
    """Compute on the device that a tag means, and print what really ran, as JSON."""
    from posebatch_workers.trackers.proof import prove_tag

    json.dump(asdict(prove_tag(device, allow_fallback=allow_fallback)), sys.stdout)


@app.command()
def reanalyze(run_id: int) -> None:
    """Analyse the stored keypoints of a run again; print how many as JSON."""
    from posebatch_shared.settings import load_settings
    from posebatch_workers.reanalysis import reanalyse_run

    json.dump(asdict(reanalyse_run(load_settings(), run_id)), sys.stdout)


@app.command()
def sweep() -> None:
    """Remove old artifacts and checkpoints that no job will ask for again."""
    from posebatch_shared.logs import configure_logging
    from posebatch_shared.settings import load_settings
    from posebatch_workers.orphans import sweep_orphans

    configure_logging()
    sweep_orphans(load_settings())


@app.command()
def doctor() -> None:
    """Start every tracker once and print what really ran, as JSON."""
    from posebatch_shared.settings import load_settings
    from posebatch_workers.doctor import examine

    json.dump(examine(load_settings()), sys.stdout)


def _groups() -> None:
    """Command groups whose modules are imported only when one of them is called."""
    if sys.argv[1:2] == ["models"]:
        from posebatch_workers.model_commands import app as models

        app.add_typer(models, name="models")
    if sys.argv[1:2] == ["bench"]:
        from posebatch_workers.bench.commands import app as bench

        app.add_typer(bench, name="bench")


def main() -> None:
    """Errors of ours and of the system become one line and exit code 2."""
    _groups()
    with ended_with_words():
        app(prog_name="posebatch")


if __name__ == "__main__":
    main()
