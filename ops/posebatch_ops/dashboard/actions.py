"""A person's word on a run or on many jobs: asked with a count first, done, and written down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import REFRESH_SECONDS, Frame
from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import Job, Run
from posebatch_shared.run_control import DONE, OFFERED, RunAction, change_run
from posebatch_shared.store.bulk import TAKES, BulkAction
from posebatch_shared.store.pages import JobFilter

_DONE = {"retry": "put back", "cancel": "cancelled"}


def run_buttons(page: Frame, run: Run) -> None:
    """Pause, resume and cancel a run, as its state allows; nothing for a mere reader."""
    if page.actor is None:
        return
    with ui.row().classes("buttons"):
        buttons: Mapping[RunAction, ui.button] = {
            "pause": _button("Pause run", lambda: _act(page, run, "pause")),
            "resume": _button("Resume run", lambda: _act(page, run, "resume")),
            "cancel": _button("Cancel run…", lambda: _ask_to_cancel(page, run)),
        }

    def follow() -> None:
        offered = OFFERED.get(page.board.progress_of(run).state, ())
        for action, button in buttons.items():
            button.set_visibility(action in offered)

    follow()
    ui.timer(REFRESH_SECONDS, follow)


def _ask_to_cancel(page: Frame, run: Run) -> None:
    _ask(
        "Cancel this run?",
        "Waiting jobs end at once, running ones at their next heartbeat.",
        "Cancel run",
        lambda: _act(page, run, "cancel"),
    )


async def _act(page: Frame, run: Run, action: RunAction) -> None:
    actor = _who_acts(page)
    if actor is None:
        return
    try:
        await asyncio.to_thread(_change_run, page.board, actor, run, action)
        ui.notify(f"Run {DONE[action]}.")
    except UsageError as error:  # it is no longer as the page showed it
        ui.notify(f"Nothing done: {error}.")


def _change_run(board: Board, actor: str, run: Run, action: RunAction) -> None:
    with board.store.unit_of_work() as uow:
        change_run(uow, run, action, actor=actor)


def _who_acts(page: Frame) -> str | None:
    if page.actor is None:
        ui.notify("Locked meanwhile. Unlock to act.", type="warning")
    return page.actor


def bulk_buttons(page: Frame, wanted: JobFilter) -> None:
    """Retry and cancel what the filter selects; nothing for a mere reader."""
    if page.actor is None:
        return
    with ui.row().classes("buttons"):
        _button("Retry these…", lambda: _bulk(page, "retry", wanted))
        _button("Cancel these…", lambda: _bulk(page, "cancel", wanted))


def job_buttons(page: Frame, job: Job) -> None:
    """Retry or cancel one job, whichever its state allows; nothing for a mere reader."""
    if page.actor is None:
        return
    wanted = JobFilter(job_id=job.job_id)
    for action, states in TAKES.items():
        if job.state in states:
            with ui.row().classes("buttons"):
                text = f"{action.capitalize()} this job…"
                _button(text, partial(_bulk, page, action, wanted))


async def _bulk(page: Frame, action: BulkAction, wanted: JobFilter) -> None:
    if _who_acts(page) is None:
        return
    number = await asyncio.to_thread(_count, page.board, action, wanted)
    jobs = w.plural(number, "job")
    if not number:
        ui.notify(f"No job here can be {_DONE[action]}.")
        return
    question = f"{action.capitalize()} {jobs}?"
    detail = f"{jobs} would be {_DONE[action]}: {_said(wanted)}."
    _ask(question, detail, question[:-1], lambda: _change_jobs(page, action, wanted))


async def _change_jobs(page: Frame, action: BulkAction, wanted: JobFilter) -> None:
    actor = _who_acts(page)
    if actor is None:
        return
    changed = await asyncio.to_thread(_change, page.board, actor, action, wanted)
    ui.notify(f"{w.plural(changed, 'job')} {_DONE[action]}.")
    ui.timer(1.0, ui.navigate.reload, once=True)


def _count(board: Board, action: BulkAction, wanted: JobFilter) -> int:
    with board.store.views().bulk() as bulk:
        return bulk.count(action, wanted)


def _change(board: Board, actor: str, action: BulkAction, wanted: JobFilter) -> int:
    changed, after = 0, 0
    while True:
        with board.store.views().bulk() as bulk:
            done = bulk.change(action, wanted, after=after)
            changed += done.jobs
            if done.next_after is None:
                bulk.log(action, wanted, actor=actor, changed=changed)
                return changed
        after = done.next_after


def _said(wanted: JobFilter) -> str:
    if wanted.job_id is not None:
        return f"job {wanted.job_id}"
    parts = [f"run {wanted.run_id}" if wanted.run_id else "all runs"]
    parts += [f"state {state.value}" for state in wanted.states]
    parts += [f"reason {wanted.error_code}"] if wanted.error_code else []
    parts += [f"path with “{wanted.search}”"] if wanted.search else []
    return ", ".join(parts)


def _ask(question: str, detail: str, word: str, go: Callable[[], Awaitable[None]]) -> None:
    with ui.dialog().props('aria-label="Confirm"') as dialog, ui.card().classes("dialog"):
        heading = Markup("<h2>{}</h2><p>{}</p>").format(question, detail)
        ui.html(heading, sanitize=False)
        with ui.row().classes("buttons"):
            _button("Keep as it is", dialog.close)

            async def confirmed() -> None:
                dialog.close()
                await go()

            _button(word, confirmed).classes("strong")
    dialog.open()


def _button(text: str, on_click: Callable[..., object]) -> ui.button:
    return ui.button(text, on_click=on_click, color=None).props("no-caps flat").classes("plain")
