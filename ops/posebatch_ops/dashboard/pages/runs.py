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

PAGE = 50


def register(board: Board) -> None:
    """Serve it at /runs, older ones behind ?before=."""

    @ui.page("/runs")
    async def runs(before: int | None = None) -> None:
        shown = await asyncio.to_thread(_read, board, before)
        with frame(board, "Runs", section="/runs"):
            live(lambda: tables.runs([board.progress_of(run) for run in shown]))
            if len(shown) == PAGE:
                older = m.link("Older runs", "/runs", before=shown[-1].run_id)
                ui.html(older, sanitize=False).classes("pager")


def _read(board: Board, before: int | None) -> Sequence[Run]:
    with board.store.unit_of_work() as uow:
        return uow.runs.list(limit=PAGE, before=before)
