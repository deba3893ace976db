"""How one run is getting on, its jobs by filter and search, and a person's word on them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import actions, stages, tables
from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import Frame, frame, later, live, section
from posebatch_ops.dashboard.pages.runs import progress_of
from posebatch_shared.jobs import JobState, Run
from posebatch_shared.store.pages import JobFilter

PAGE = 50
FACTS_SECONDS = 5.0


def register(board: Board) -> None:
    """Serve it at /runs/ID; the filter is part of the address."""

    @ui.page("/runs/{run_id:int}")
    def run(run_id: int, state: str = "", reason: str = "", q: str = "", after: int = 0) -> None:
        with board.store.unit_of_work() as uow:
            found = uow.runs.get(run_id)
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
                _jobs(page, wanted, after)
            with ui.element("div").classes("pair"):
                with section("Where the time goes", "newest completed jobs of this run"):
                    later(lambda: _stages(board, run_id))
                with section("Discarded, by reason"):
                    later(lambda: _failures(board, run_id))


def _progress(board: Board, run: Run) -> Markup:
    progress = progress_of(board, run)
    return Markup('<p>{} {}</p><div class="progress-of-run">{}</div>').format(
        m.badge(progress.state), _options(run), tables.states_bar(progress.counts)
    ) + m.tiles(
        m.tile("Ended", f"{w.number(progress.ended)} of {w.number(progress.total)}"),
        *[
            m.tile(state.value.capitalize(), w.number(progress.counts.get(state, 0)))
            for state in (JobState.COMPLETED, JobState.RUNNING, JobState.DISCARDED)
        ],
        m.tile("Time left", w.time_left(progress.left), w.time_left_bounds(progress.left))
        if progress.state == "running"
        else Markup(""),
    )


def _options(run: Run) -> Markup:
    options = run.options
    said = [f"tracker {options.tracker}", options.quality, f"kind {options.kind}"]
    said += ["every frame"] if options.dense else []
    said += ["overlay"] if options.overlay else []
    return Markup('<span class="dim">{}</span>').format(" · ".join(said))


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
    return m.lines(
        Markup("{} × {}").format(
            w.number(number), m.link(code, f"/runs/{run_id}", state="discarded", reason=code)
        )
        for code, number in found.items()
    ) or Markup('<p class="empty">None.</p>')


def _jobs(page: Frame, wanted: JobFilter, after: int) -> None:
    path = f"/runs/{wanted.run_id}"
    state = wanted.states[0].value if wanted.states else ""
    live(lambda: _chips(page.board, wanted, state))
    ui.html(_search_form(path, wanted, state), sanitize=False)
    actions.bulk_buttons(page, wanted)
    query = {"state": state, "reason": wanted.error_code, "q": wanted.search}

    def content() -> Markup:
        with page.board.store.views().pages() as pages:
            shown = pages.jobs(wanted, after=after, limit=PAGE)
        empty = "No job matches." if shown.next_after is None else "None among these."
        listed = tables.jobs(shown.lines, empty=empty)
        return listed + _pager(path, query, after, shown.next_after, searching=bool(wanted.search))

    live(content, seconds=2.0)


def _chips(board: Board, wanted: JobFilter, state: str) -> Markup:
    latest = board.watcher.latest
    counts = latest.counts_by_run.get(wanted.run_id or 0, {}) if latest else {}
    choices: Sequence[tuple[str, int]] = [("", sum(counts.values()))]
    choices = [*choices, *((each.value, counts.get(each, 0)) for each in JobState)]
    links = Markup().join(
        Markup('<a href="{}"{}>{} <b>{}</b></a>').format(
            m.address(f"/runs/{wanted.run_id}", state=value, q=wanted.search),
            Markup(' aria-current="true"') if value == state else "",
            value or "all",
            w.number(number),
        )
        for value, number in choices
    )
    return Markup('<nav class="chips" aria-label="Jobs by state">{}</nav>').format(links)


def _search_form(path: str, wanted: JobFilter, state: str) -> Markup:
    hidden = Markup().join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in (("state", state), ("reason", wanted.error_code))
        if value
    )
    reason = (
        Markup('<a class="plain" href="{}">reason {} ×</a>').format(
            m.address(path, state=state, q=wanted.search), wanted.error_code
        )
        if wanted.error_code
        else ""
    )
    return Markup(
        '<form class="search" role="search" action="{}">{}<label>Search in paths '
        '<input type="search" name="q" value="{}" autocomplete="off"></label>'
        '<button class="plain">Search</button>{}</form>'
    ).format(path, hidden, wanted.search, reason)


def _pager(
    path: str, query: dict[str, str | None], after: int, next_after: int | None, *, searching: bool
) -> Markup:
    first = m.link("First page", path, **query) if after else ""
    word = "Search on" if searching else "Next page"
    onward = m.link(word, path, **query, after=next_after) if next_after else ""
    note = (
        Markup('<span class="dim">Searched up to job {}.</span>').format(next_after)
        if searching and next_after
        else ""
    )
    return Markup('<nav class="pager" aria-label="Pages">{} {} {}</nav>').format(
        first, onward, note
    )
