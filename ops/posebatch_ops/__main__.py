"""`python -m posebatch_ops`: the watching side, each part a process of its own."""

from __future__ import annotations

import sys

import typer

from posebatch_ops.dashboard.serve import dashboard
from posebatch_ops.exporter import exporter
from posebatch_ops.flower import flower
from posebatch_shared.errors import PosebatchError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.command()(dashboard)
app.command()(exporter)
app.command()(flower)


def main() -> None:
    """Errors of ours become one line and exit code 2."""
    try:
        app(prog_name="posebatch")
    except PosebatchError as error:
        print(f"error: {error}\n  {error.advice}", file=sys.stderr)  # noqa: T201
        sys.exit(2)


if __name__ == "__main__":
    main()
