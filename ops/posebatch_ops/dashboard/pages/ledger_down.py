"""What is shown instead of a page that the ledger does not answer for."""

from __future__ import annotations

from nicegui import app, ui

from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import frame
from posebatch_shared.errors import StoreUnavailable

RETRY_SECONDS = 5.0


def register(board: Board) -> None:
    """Take the place of NiceGUI's own page for errors."""

    @app.on_page_exception
    def failed(error: Exception) -> None:
        if not isinstance(error, StoreUnavailable):
            raise error
        board.watcher.note(error)  # so that the page's head says so
        with frame(board, "This page needs the ledger", section=""):
            said = f"It is loaded again every {RETRY_SECONDS:.0f} seconds."
            ui.html(f'<p class="note">{said}</p>', sanitize=False)
            ui.timer(RETRY_SECONDS, ui.navigate.reload, immediate=False)
