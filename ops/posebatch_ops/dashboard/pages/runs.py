"""Which runs there are, newest first."""

from __future__ import annotations

import asyncio

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import tables
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import READ_SECONDS, frame, later

PAGE = 50


def register(board: Board) -> None:
    """Serve it at /runs, older ones behind ?before=."""

    @ui.page("/runs")
    async def runs(before: int | None = None) -> None:
        def content() -> Markup:
            return _page(board, before)

        first = await asyncio.to_thread(content)
        with frame(board, "Runs", section="/runs"):
            later(content, first=first, seconds=READ_SECONDS)


def _page(board: Board, before: int | None) -> Markup:
    with board.store.unit_of_work() as uow:
        shown = uow.runs.list(limit=PAGE, before=before)
    older = m.link("Older runs", "/runs", before=shown[-1].run_id) if len(shown) == PAGE else ""
    return tables.runs([board.progress_of(run) for run in shown]) + m.pager(older)
