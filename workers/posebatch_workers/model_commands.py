"""`posebatch models`: which model files are here, fetch the missing, verify their hashes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from posebatch_shared.errors import ModelMissing, PosebatchError
from posebatch_shared.settings import load_settings
from posebatch_workers.trackers.models import Model, find_model, registered, registry

app = typer.Typer(help="Model files: list, fetch, verify.", rich_markup_mode=None)
Names = Annotated[list[str] | None, typer.Argument(help="Model names; all by default.")]


@app.command("list")
def list_models() -> None:
    """Every model, where it is, and whether its hash is the registered one."""
    table = Table("model", "state", "sha256", "licence", "file")
    for model, state, path, sha256 in _states(list(registry())):
        table.add_row(model.name, state, sha256[:12], model.licence, path)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@app.command()
def fetch(names: Names = None) -> None:
    """Download what is missing, checked by sha256."""
    for name in names or list(registry()):
        found = find_model(name, model_dir=load_settings().model_dir, fetch=True)
        typer.echo(f"{name}: {found.path}")


@app.command()
def verify(names: Names = None) -> None:
    """Hash the files that are here; exit code 1 if one is not what it should be."""
    states = list(_states(names or list(registry())))
    for model, state, path, _ in states:
        typer.echo(f"{model.name}: {state} {path}")
    if any(state == "corrupt" for _, state, _, _ in states):
        raise typer.Exit(1)


def _states(names: list[str]) -> Iterator[tuple[Model, str, str, str]]:
    for name in names:
        yield registered(name), *_state(name)


def _state(name: str) -> Any:
    try:
        found = find_model(name, model_dir=load_settings().model_dir, fetch=False)
    except ModelMissing:
        return "missing", "", ""
    except PosebatchError as error:
        return "corrupt", str(error), ""
    return "ok", str(found.path), found.sha256
