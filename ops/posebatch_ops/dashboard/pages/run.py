"""How one run is getting on, its jobs by filter and search, and a person's word on them."""

from __future__ import annotations

import asyncio

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import actions, job_list, stages, tables, troubles
from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import frame, later, live, section
from posebatch_shared.jobs import JobState, Run
from posebatch_shared.snapshot import RunProgress
from posebatch_shared.store.pages import JobFilter

FACTS_SECONDS = 5.0


def register(board: Board) -> None:
    """Serve it at /runs/ID; the filter is part of the address."""

    @ui.page("/runs/{run_id:int}")
    async def run(
        run_id: int, state: str = "", reason: str = "", q: str = "", after: int = 0
    ) -> None:
        found = await asyncio.to_thread(_find, board, run_id)
        if found is None:
            with frame(board, f"No run {run_id}", section="/runs"):
                ui.html('<p><a href="/runs">All runs</a></p>', sanitize=False)
            return
        wanted = JobFilter(
            run_id=run_id,
            states=(JobState(state),) if state in tables.STATES else (),
            error_code=reason or None,
            search=q,
        )
        with frame(board, f"Run {run_id}: {found.name}", section="/runs") as page:
            live(lambda: _progress(board, found))
            actions.run_buttons(page, found)
            later(lambda: _rates(board, found), seconds=FACTS_SECONDS)
            with section("Jobs"):
                await job_list.show(page, wanted, after)
            with section("Discarded, by reason"):
                later(lambda: _failures(board, run_id), seconds=FACTS_SECONDS)
            with section("Where the time goes", "newest completed jobs of this run"):
                later(lambda: _stages(board, run_id), seconds=FACTS_SECONDS)


def _find(board: Board, run_id: int) -> Run | None:
    with board.store.unit_of_work() as uow:
        return uow.runs.get(run_id)


def _progress(board: Board, run: Run) -> Markup:
    progress = board.progress_of(run)
    return (
        troubles.boxes(progress.troubles, progress.met)
        + Markup('<p>{} {}</p><div class="progress-of-run">{}</div>').format(
            m.badge(progress.state), _options(run), tables.states_bar(progress.counts)
        )
        + m.tiles(
            m.tile("Ended", f"{w.number(progress.ended)} of {w.number(progress.total)}"),
            *[
                m.tile(state.value.capitalize(), w.number(progress.counts.get(state, 0)))
                for state in (JobState.COMPLETED, JobState.RUNNING, JobState.DISCARDED)
            ],
            m.tile("Time left", w.time_left(progress.left), _bounds(progress))
            if progress.state == "running"
            else Markup(""),
        )
    )


def _bounds(progress: RunProgress) -> str:
    runs = progress.counts.get(JobState.RUNNING)
    return w.time_left_bounds(progress.left) if runs else "no job runs"


def _options(run: Run) -> Markup:
    return Markup('<span class="dim">{}</span>').format(" · ".join(run.options.words()))


def _rates(board: Board, run: Run) -> Markup:
    with board.store.unit_of_work() as uow:
        frames, seconds = uow.jobs.throughput(run.run_id)
        completed = uow.jobs.counts(run.run_id).get(JobState.COMPLETED, 0)
    if not seconds:
        return Markup('<p class="note">No job of this run has begun.</p>')
    return Markup('<p class="note">Over the run: {} frames/s, {} videos/h, {}.</p>').format(
        w.number(frames / seconds, 1), w.number(3600 * completed / seconds), w.duration(seconds)
    )


def _stages(board: Board, run_id: int) -> Markup:
    with board.store.views().overview() as overview:
        return stages.tree(overview.stages(run_id), frames=0)


def _failures(board: Board, run_id: int) -> Markup:
    with board.store.views().overview() as overview:
        found = overview.failures(run_id)
    if not found:
        return Markup('<p class="empty">None.</p>')
    return m.lines(
        Markup("{} × {}").format(
            w.number(number), m.link(code, f"/runs/{run_id}", state="discarded", reason=code)
        )
        for code, number in found.items()
    )
