"""A person's word on a run or on many jobs: asked with a count first, done, and written down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import Frame
from posebatch_shared.jobs import Job, Run
from posebatch_shared.store.bulk import TAKES, BulkAction
from posebatch_shared.store.pages import JobFilter
from posebatch_shared.store.ports import UnitOfWork

_DONE = {"retry": "put back", "cancel": "cancelled"}


def run_buttons(page: Frame, run: Run) -> None:
    """Pause, resume and cancel a run; nothing for a mere reader."""
    if page.actor is None:
        return
    actor = page.actor

    async def act(kind: str, change: Callable[[UnitOfWork], object]) -> None:
        await asyncio.to_thread(_change_run, page.board, actor, run, kind, change)
        ui.navigate.reload()

    with ui.row().classes("buttons"):
        if run.paused:
            _button("Resume run", lambda: act("resume", lambda uow: uow.runs.resume(run.run_id)))
        else:
            _button("Pause run", lambda: act("pause", lambda uow: uow.runs.pause(run.run_id)))
        _button(
            "Cancel run…",
            lambda: _ask(
                "Cancel this run?",
                "Waiting jobs end at once, running ones at their next heartbeat.",
                "Cancel run",
                lambda: act("cancel", lambda uow: uow.runs.cancel(run.run_id)),
            ),
        )


def _change_run(
    board: Board, actor: str, run: Run, kind: str, change: Callable[[UnitOfWork], object]
) -> None:
    with board.store.unit_of_work() as uow:
        change(uow)
        uow.events.add(f"run_{kind}", actor=actor, run_id=run.run_id)
        uow.commit()


def bulk_buttons(page: Frame, wanted: JobFilter) -> None:
    """Retry and cancel what the filter selects; nothing for a mere reader."""
    if page.actor is None:
        return
    actor = page.actor
    with ui.row().classes("buttons"):
        _button("Retry these…", lambda: _bulk(page.board, actor, "retry", wanted))
        _button("Cancel these…", lambda: _bulk(page.board, actor, "cancel", wanted))


def job_buttons(page: Frame, job: Job) -> None:
    """Retry or cancel one job, whichever its state allows; nothing for a mere reader."""
    if page.actor is None:
        return
    actor = page.actor
    wanted = JobFilter(job_id=job.job_id)
    for action, states in TAKES.items():
        if job.state in states:
            with ui.row().classes("buttons"):
                _button(
                    f"{action.capitalize()} this job…",
                    partial(_bulk, page.board, actor, action, wanted),
                )


async def _bulk(board: Board, actor: str, action: BulkAction, wanted: JobFilter) -> None:
    number = await asyncio.to_thread(_count, board, action, wanted)
    jobs = w.plural(number, "job")
    if not number:
        ui.notify(f"No job here can be {_DONE[action]}.")
        return

    async def go() -> None:
        changed = await asyncio.to_thread(_change, board, actor, action, wanted)
        ui.notify(f"{w.plural(changed, 'job')} {_DONE[action]}.")
        ui.timer(1.0, ui.navigate.reload, once=True)

    question = f"{action.capitalize()} {jobs}?"
    _ask(question, f"{jobs} would be {_DONE[action]}: {_said(wanted)}.", question[:-1], go)


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
