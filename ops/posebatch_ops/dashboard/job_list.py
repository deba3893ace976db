"""The jobs of a run by state, reason and search, page by page; the filter lives in the address."""

from __future__ import annotations

import asyncio
import time

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import actions, tables
from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import READ_SECONDS, Frame, later, live
from posebatch_shared.jobs import JobState
from posebatch_shared.store.pages import JobFilter, JobLine

PAGE = 50
#: A search that has not found a page by then says how far it came.
SEARCH_SECONDS = 3.0


async def show(page: Frame, wanted: JobFilter, after: int) -> None:
    """Build the list: states with their counts, search, actions, table, pager."""
    live(lambda: _chips(page.board, wanted))
    with ui.row().classes("tools"):
        ui.html(_search_form(wanted), sanitize=False)
        actions.bulk_buttons(page, wanted)

    def content() -> Markup:
        return _page(page.board, wanted, after)

    if wanted.search:
        later(content, first='<p class="empty">Searching…</p>')
    else:
        later(content, first=await asyncio.to_thread(content), seconds=READ_SECONDS)


def _page(board: Board, wanted: JobFilter, after: int) -> Markup:
    until = time.monotonic() + SEARCH_SECONDS
    lines: list[JobLine] = []
    onward: int | None = after
    while onward is not None and len(lines) < PAGE and time.monotonic() < until:
        with board.store.views().pages() as pages:
            shown = pages.jobs(wanted, after=onward, limit=PAGE - len(lines))
        lines += shown.lines
        onward = shown.next_after
    empty = "No job matches." if onward is None else "None so far."
    return tables.jobs(lines, empty=empty) + _pager(wanted, after, onward)


def _address(wanted: JobFilter, **changes: str | int | None) -> str:
    """This run's page under the same filter, but for `changes`."""
    state = wanted.states[0].value if wanted.states else None
    query = {"state": state, "reason": wanted.error_code, "q": wanted.search, **changes}
    return m.address(f"/runs/{wanted.run_id}", **query)


def _chips(board: Board, wanted: JobFilter) -> Markup:
    latest = board.watcher.latest
    counts = latest.counts_by_run.get(wanted.run_id or 0, {}) if latest else {}
    choices: list[tuple[JobState | None, int]] = [(None, sum(counts.values()))]
    choices += [(state, counts.get(state, 0)) for state in JobState]
    links = Markup().join(_chip(wanted, state, number) for state, number in choices)
    return Markup('<nav class="chips" aria-label="Jobs by state">{}</nav>').format(links)


def _chip(wanted: JobFilter, state: JobState | None, number: int) -> Markup:
    chosen = wanted.states[:1] == ((state,) if state else ())
    return Markup('<a href="{}"{}>{} <b>{}</b></a>').format(
        _address(wanted, state=state.value if state else None, reason=None),
        Markup(' aria-current="true"') if chosen else "",
        state.value if state else "all",
        w.number(number),
    )


def _search_form(wanted: JobFilter) -> Markup:
    kept = [("state", state.value) for state in wanted.states]
    kept += [("reason", wanted.error_code)] if wanted.error_code else []
    hidden = Markup().join(
        Markup('<input type="hidden" name="{}" value="{}">').format(*pair) for pair in kept
    )
    reason = (
        Markup('<a class="plain" href="{}">reason {} ×</a>').format(
            _address(wanted, reason=None), wanted.error_code
        )
        if wanted.error_code
        else ""
    )
    return Markup(
        '<form class="search" role="search" action="/runs/{}">{}<label>Search in paths '
        '<input type="search" name="q" value="{}" autocomplete="off"></label>'
        '<button class="plain">Search</button>{}</form>'
    ).format(wanted.run_id, hidden, wanted.search, reason)


def _pager(wanted: JobFilter, after: int, onward: int | None) -> Markup:
    link = Markup('<a href="{}">{}</a>')
    parts = [link.format(_address(wanted), "First page")] if after else []
    if onward is not None:
        word = "Search on" if wanted.search else "Next page"
        parts.append(link.format(_address(wanted, after=onward), word))
    if onward is not None and wanted.search:
        parts.append(Markup('<span class="dim">Searched up to job {}.</span>').format(onward))
    return m.pager(*parts)
