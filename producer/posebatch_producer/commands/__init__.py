"""One file per group of commands; each command parses, calls one function, and prints."""

from __future__ import annotations

from typing import Annotated

import typer

from posebatch_producer.commands import control, local, service, show


def say_version(wanted: bool) -> None:
    """Before any command is looked for."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"posebatch {version('posebatch')}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", is_eager=True, callback=say_version, help="Show the version and exit."
    ),
]

app = typer.Typer(
    name="posebatch",
    epilog="With --debug, anywhere on the line, an error shows its traceback.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: half the start-up time
    pretty_exceptions_enable=False,
)


@app.callback()
def options(*, version: Version = False) -> None:
    """Bulk pose tracking and jump metrics for coach video archives."""


for group in (local, service, show, control):
    group.register(app)
