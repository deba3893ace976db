"""What happened and who acted, newest first."""

from __future__ import annotations

import asyncio

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.event_table import event_table
from posebatch_ops.dashboard.frame import READ_SECONDS, frame, later

PAGE = 100


def register(board: Board) -> None:
    """Serve it at /log, older lines behind ?before=."""

    @ui.page("/log")
    async def log(before: int | None = None) -> None:
        def content() -> Markup:
            return _page(board, before)

        first = await asyncio.to_thread(content)
        with frame(board, "Log", section="/log"):
            later(content, first=first, seconds=READ_SECONDS)


def _page(board: Board, before: int | None) -> Markup:
    with board.store.views().pages() as pages:
        rows = pages.events(before=before, limit=PAGE)
    older = m.link("Older", "/log", before=rows[-1].event_id) if len(rows) == PAGE else ""
    return event_table(rows, empty="Nothing has happened yet.") + m.pager(older)
