"""submit, worker, doctor, models, bench, dashboard, flower: the parts of a standing service."""

from __future__ import annotations

from typing import Annotated

import typer

from posebatch_producer.commands import arguments as a
from posebatch_producer.processes import OPS, WORKERS, become

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(submit)
    app.command()(worker)
    app.command()(doctor)
    app.command()(migrate)
    app.command(context_settings=PASS_ON)(models)
    app.command(context_settings=PASS_ON)(bench)
    app.command(context_settings=PASS_ON)(dashboard)
    app.command(context_settings=PASS_ON)(exporter)
    app.command(context_settings=PASS_ON)(flower)


def submit(
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
    device: Annotated[a.Tag, typer.Option(help="Which workers may take the jobs.")] = a.Tag.ANY,
    priority: a.Priority = 0,
    json: a.Json = False,
) -> None:
    """Enqueue one job per video for workers that run elsewhere."""
    from posebatch_producer.printing import print_submitted
    from posebatch_producer.remote_run import submit_here

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
    report = submit_here(
        paths,
        options,
        name=a.run_name(name, paths),
        device=device.value,
        priority=priority,
        force=force,
    )
    print_submitted(report, as_json=json)


def worker(
    *,
    device: Annotated[str, typer.Option(help="gpu or cpu: which queues it serves.")] = "cpu",
    concurrency: Annotated[
        int, typer.Option(min=0, help="Side by side; 0: as bench tune found, or one per core.")
    ] = 0,
    tracker: a.Tracker = None,
    allow_fallback: Annotated[
        bool, typer.Option("--allow-fallback", help="Run on the CPU if the GPU does not start.")
    ] = False,
) -> None:
    """Start a worker in this terminal.

    It serves POSEBATCH_STORE_URL, woken through POSEBATCH_BROKER_URL.
    """
    words = ["worker", "--device", device, "--concurrency", str(concurrency)]
    words += ["--tracker", tracker] if tracker else []
    become(WORKERS, [*words, *(["--allow-fallback"] if allow_fallback else [])])


def doctor(*, json: a.Json = False) -> None:
    """Say what works on this machine, what not, and what to do.

    Places, broker, ledger, decoder, devices and trackers are really tried.
    """
    from posebatch_producer.doctor import examine
    from posebatch_producer.printing import print_doctor

    print_doctor(examine(), as_json=json)


def migrate() -> None:
    """Bring the ledger's tables up to date."""
    from posebatch_producer.printing import say
    from posebatch_producer.remote_run import migrate_here

    migrate_here()
    say("the ledger's tables are up to date")


def models(context: typer.Context) -> None:
    """List, fetch or verify model files."""
    _pass_on(WORKERS, "models", context)


def bench(context: typer.Context) -> None:
    """Time trackers alone, compare their metrics, tune this machine."""
    _pass_on(WORKERS, "bench", context)


def dashboard(context: typer.Context) -> None:
    """Serve the web dashboard."""
    _pass_on(OPS, "dashboard", context)


def exporter(context: typer.Context) -> None:
    """Serve the ledger's numbers to Prometheus."""
    _pass_on(OPS, "exporter", context)


def flower(context: typer.Context) -> None:
    """Start Flower: loopback, password, read-only."""
    _pass_on(OPS, "flower", context)


def _pass_on(module: str, command: str, context: typer.Context) -> None:
    become(module, [command, *context.args])
