"""What was given up, by reason, with what to do about each."""

from __future__ import annotations

import asyncio

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import actions, tables
from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import Frame, frame, live, section
from posebatch_ops.dashboard.markup import Column
from posebatch_shared.errors.advice import advice_for
from posebatch_shared.jobs import JobState
from posebatch_shared.snapshot import Snapshot
from posebatch_shared.store.pages import JobFilter, JobPage

PAGE = 50
_COLUMNS = (Column("Reason"), Column("Jobs", numeric=True), Column("What to do"))


def register(board: Board) -> None:
    """Serve it at /dead-letters, one reason's jobs behind ?reason=."""

    @ui.page("/dead-letters")
    async def dead_letters(reason: str = "", after: int = 0) -> None:
        with frame(board, "Dead letters", section="/dead-letters") as page:
            live(lambda: _reasons(board.watcher.latest) if board.watcher.latest else "")
            if reason:
                with section(f"Discarded as {reason}", advice_for(reason)):
                    await _jobs(page, reason, after)


def _reasons(now: Snapshot) -> Markup:
    rows = [
        [m.link(code, "/dead-letters", reason=code), w.number(number), advice_for(code)]
        for code, number in now.failures.items()
    ]
    return m.table("Dead letters by reason", _COLUMNS, rows, empty="Nothing was discarded.")


async def _jobs(page: Frame, reason: str, after: int) -> None:
    wanted = JobFilter(states=(JobState.DISCARDED,), error_code=reason)
    actions.bulk_buttons(page, wanted)
    shown = await asyncio.to_thread(_read, page.board, wanted, after)
    onward = (
        m.link("Next page", "/dead-letters", reason=reason, after=shown.next_after)
        if shown.next_after
        else ""
    )
    ui.html(tables.jobs(shown.lines, empty="None.") + m.pager(onward), sanitize=False)


def _read(board: Board, wanted: JobFilter, after: int) -> JobPage:
    with board.store.views().pages() as pages:
        return pages.jobs(wanted, after=after, limit=PAGE)
