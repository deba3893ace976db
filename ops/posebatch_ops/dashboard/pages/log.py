"""What happened and who acted, newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.event_table import event_table
from posebatch_ops.dashboard.frame import frame
from posebatch_shared.store.records import EventRow

PAGE = 100


def register(board: Board) -> None:
    """Serve it at /log, older lines behind ?before=."""

    @ui.page("/log")
    async def log(before: int | None = None) -> None:
        rows = await asyncio.to_thread(_read, board, before)
        with frame(board, "Log", section="/log"):
            ui.html(event_table(rows, empty="Nothing has happened yet."), sanitize=False)
            if len(rows) == PAGE:
                older = m.link("Older", "/log", before=rows[-1].event_id)
                pager = Markup('<nav class="pager" aria-label="Pages">{}</nav>').format(older)
                ui.html(pager, sanitize=False)


def _read(board: Board, before: int | None) -> Sequence[EventRow]:
    with board.store.views().pages() as pages:
        return pages.events(before=before, limit=PAGE)
