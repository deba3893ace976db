"""What happened and who acted, newest first."""

from __future__ import annotations

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import tables
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import frame

PAGE = 100


def register(board: Board) -> None:
    """Serve it at /log, older lines behind ?before=."""

    @ui.page("/log")
    def log(before: int | None = None) -> None:
        with board.store.views().pages() as pages:
            rows = pages.events(before=before, limit=PAGE)
        with frame(board, "Log", section="/log"):
            ui.html(tables.events(rows, empty="Nothing has happened yet."), sanitize=False)
            if len(rows) == PAGE:
                older = m.link("Older", "/log", before=rows[-1].event_id)
                pager = Markup('<nav class="pager" aria-label="Pages">{}</nav>').format(older)
                ui.html(pager, sanitize=False)
