"""One file per group of commands; each command parses, calls one function, and prints."""

from __future__ import annotations

import typer

from posebatch_producer.commands import control, local, service, show

app = typer.Typer(
    name="posebatch",
    help="Bulk pose tracking and jump metrics for coach video archives.",
    epilog="With --debug, anywhere on the line, an error shows its traceback.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: half the start-up time
    pretty_exceptions_enable=False,
)
for group in (local, service, show, control):
    group.register(app)
