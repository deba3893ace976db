"""Which runs there are, newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nicegui import ui

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import tables
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import frame, live
from posebatch_shared.jobs import Run
from posebatch_shared.snapshot import RunProgress

PAGE = 50


def register(board: Board) -> None:
    """Serve it at /runs, older ones behind ?before=."""

    @ui.page("/runs")
    async def runs(before: int | None = None) -> None:
        shown = await asyncio.to_thread(_read, board, before)
        with frame(board, "Runs", section="/runs"):
            live(lambda: tables.runs([progress_of(board, run) for run in shown]))
            if len(shown) == PAGE:
                older = m.link("Older runs", "/runs", before=shown[-1].run_id)
                ui.html(older, sanitize=False).classes("pager")


def _read(board: Board, before: int | None) -> Sequence[Run]:
    with board.store.unit_of_work() as uow:
        return uow.runs.list(limit=PAGE, before=before)


def progress_of(board: Board, run: Run) -> RunProgress:
    """As of the newest look."""
    latest = board.watcher.latest
    known = latest.runs if latest else ()
    found = next((progress for progress in known if progress.run.run_id == run.run_id), None)
    if found is not None:
        return found
    counts = latest.counts_by_run.get(run.run_id, {}) if latest else {}
    return RunProgress(run=run, counts=counts, left=None)
