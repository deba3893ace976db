"""`python -m posebatch_ops`: the watching side, each part a process of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from posebatch_shared.errors.printed import ended_with_words

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")]


@app.command()
def dashboard(*, host: Host = "127.0.0.1", port: Port = 8090) -> None:
    """Serve the web dashboard: read-only, unless POSEBATCH_DASHBOARD_TOKEN is set and given."""
    from posebatch_ops.dashboard.serve import serve
    from posebatch_shared.settings import load_settings

    serve(load_settings(), host=host, port=port)


@app.command()
def exporter(
    *,
    host: Host = "127.0.0.1",
    port: Port = 9469,
    every: Annotated[
        float, typer.Option(min=0.1, help="Seconds between two looks at the ledger, at least.")
    ] = 5.0,
) -> None:
    """Serve the ledger's numbers to Prometheus."""
    from posebatch_ops.exporter import serve
    from posebatch_shared.settings import load_settings

    serve(load_settings(), host=host, port=port, every_seconds=every)


@app.command()
def flower(
    *,
    host: Host = "127.0.0.1",
    port: Port = 5555,
    allow_control: Annotated[
        bool, typer.Option("--allow-control", help="Let whoever has the password revoke and stop.")
    ] = False,
) -> None:
    """Start Flower on POSEBATCH_BROKER_URL, with our Celery app's configuration."""
    from posebatch_ops.flower import serve
    from posebatch_shared.settings import load_settings

    serve(load_settings(), host=host, port=port, allow_control=allow_control)


def main() -> None:
    """Errors of ours and of the system become one line and exit code 2."""
    with ended_with_words():
        app(prog_name="posebatch")


if __name__ == "__main__":
    main()
