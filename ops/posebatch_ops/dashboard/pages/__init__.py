"""One file per page; each registers its address and builds from one look at the ledger."""

from __future__ import annotations

from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.pages import (
    dead_letters,
    files,
    job,
    ledger_down,
    log,
    overview,
    run,
    runs,
    unlock,
    workers,
)


def register(board: Board) -> None:
    """Add every page and route to the application."""
    for page in (overview, runs, run, job, workers, dead_letters, log, unlock, files, ledger_down):
        page.register(board)
