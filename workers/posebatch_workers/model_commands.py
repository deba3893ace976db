"""`posebatch models`: which model files are here, fetch the missing, verify their hashes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from posebatch_shared.errors import ModelMissing, PosebatchError
from posebatch_shared.errors.printed import say
from posebatch_shared.settings import load_settings
from posebatch_workers.trackers.models import Model, find_model, registered, registry

app = typer.Typer(help="Model files: list, fetch, verify.", rich_markup_mode=None)
Names = Annotated[list[str] | None, typer.Argument(help="Model names; all by default.")]


@app.command("list")
def list_models() -> None:
    """Every model, where it is, and whether its hash is right."""
    table = Table("model", "state", "sha256", "licence")
    states = list(_states(None))
    for model, state, _, sha256 in states:
        table.add_row(model.name, state, sha256[:12], model.licence)
    Console().print(table)
    for model, _, path, _ in states:  # not in the table: addresses are there to be copied
        typer.echo(f"{model.name}: {path}")


@app.command()
def fetch(names: Names = None) -> None:
    """Download what is missing, checked by sha256.

    Exit code 2 if some could not be had.
    """
    fetched = [_fetched(model.name) for model in _named(names)]
    if not all(fetched):
        raise typer.Exit(2)


@app.command()
def verify(names: Names = None) -> None:
    """Hash the files that are here.

    Exit code 1 if one is not what it should be.
    """
    states = list(_states(names))
    for model, state, path, _ in states:
        typer.echo(f"{model.name}: {state} {path}")
    if any(state == "corrupt" for _, state, _, _ in states):
        raise typer.Exit(1)


def _named(names: list[str] | None) -> list[Model]:
    return [registered(name) for name in names or registry()]


def _fetched(name: str) -> bool:
    try:
        found = find_model(name, model_dir=load_settings().model_dir, fetch=True)
    except PosebatchError as error:
        say(error)
        return False
    typer.echo(f"{name}: {found.path}")
    return True


def _states(names: list[str] | None) -> Iterator[tuple[Model, str, str, str]]:
    for model in _named(names):
        yield model, *_state(model.name)


def _state(name: str) -> tuple[str, str, str]:
    try:
        found = find_model(name, model_dir=load_settings().model_dir, fetch=False)
    except PosebatchError as error:
        return "missing" if isinstance(error, ModelMissing) else "corrupt", str(error), ""
    return "ok", str(found.path), found.sha256
