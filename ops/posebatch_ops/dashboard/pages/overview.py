"""Is the night's work getting on: rates, queue, time left, what runs now, what fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import charts, tables, troubles
from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import frame, live, section
from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.jobs import JobState
from posebatch_shared.recent_work import WINDOWS, Window
from posebatch_shared.snapshot import Snapshot
from posebatch_shared.throughput import Throughput

CHART_SECONDS = 2.0
_Rates = Mapping[tuple[str, str], Sequence[float]]


def register(board: Board) -> None:
    """Serve it at the root."""

    @ui.page("/")
    def overview(window: str = "") -> None:
        over = next((each for each in WINDOWS if each.name == window), WINDOWS[0])
        with frame(board, "Overview", section="/"):
            live(lambda: troubles.of_all(board.watcher.latest) if board.watcher.latest else "")
            _show(board, _tiles)
            ui.html(_choice(over), sanitize=False)
            with ui.element("div").classes("pair"):
                with section("Frames per second", _note(over, 60)):
                    _chart(board, over, lambda shown: shown.frames_per_second, 60)
                with section("Videos per hour", _note(over, 300)):
                    _chart(board, over, lambda shown: shown.videos_per_hour, 300)
            with section("Active runs"):
                _show(board, tables.active_runs)
            with section("Clips in progress"):
                _show(board, lambda now: tables.running(now.running, now.now))
            with ui.element("div").classes("pair"):
                with section("Waiting, by device tag"):
                    _show(board, tables.queues)
                with section("Dead letters, by reason"):
                    _show(board, tables.failures)


def _show(board: Board, content: Callable[[Snapshot], Markup]) -> None:
    waiting = Markup('<p class="empty">Looking at the ledger…</p>')
    live(lambda: content(board.watcher.latest) if board.watcher.latest else waiting)


def _choice(chosen: Window) -> Markup:
    """Links, so that a choice can be kept as an address."""
    links = Markup(" ").join(
        Markup('<a href="/?window={}"{}>{}</a>').format(
            quote(each.name), Markup(' aria-current="true"') if each == chosen else "", each.name
        )
        for each in WINDOWS
    )
    return Markup('<nav class="chips" aria-label="Time shown">{}</nav>').format(links)


def _note(window: Window, seconds: int) -> str:
    return f"by device and tracker, mean of {max(window.bucket_seconds, seconds) // 60} min"


def _chart(
    board: Board, window: Window, values: Callable[[Throughput], _Rates], mean_seconds: int
) -> None:
    """Each point is the mean of the last `mean_seconds`, or of one bucket if that is longer."""
    chart = ui.echart({}, renderer="svg").classes("chart").props('aria-hidden="true"')

    async def refresh() -> None:
        try:
            shown = await board.rates.over(window)
        except StoreUnavailable:
            return  # the page's head says so
        if shown is None:
            return
        # Series of a device that has gone must go too, so nothing is merged.
        chart.options.clear()
        mean_over = max(1, mean_seconds // window.bucket_seconds)
        chart.options.update(charts.rates(shown, values(shown), mean_over=mean_over))
        chart.update()

    ui.timer(CHART_SECONDS, refresh)


def _tiles(now: Snapshot) -> Markup:
    waiting = sum(queue.waiting for queue in now.queues)
    oldest = max((queue.oldest_seconds for queue in now.queues), default=None)
    completed, failed = (
        now.counts.get(state, 0) for state in (JobState.COMPLETED, JobState.DISCARDED)
    )
    share = f"{w.percent(failed / (completed + failed))} of what ended" if failed else ""
    return m.tiles(
        m.tile("Frames/s", w.number(now.throughput.frames_per_second_now), "last minute"),
        m.tile("Videos/h", w.number(now.throughput.videos_per_hour_now), "last 15 min of work"),
        m.tile("Waiting", w.number(waiting), f"oldest for {w.duration(oldest)}" if oldest else ""),
        m.tile("In progress", w.number(len(now.running)), w.plural(len(now.workers), "worker")),
        _time_left(now),
        m.tile("Completed", w.number(completed), "videos in the ledger"),
        m.tile("Dead letters", w.number(failed), share),
    )


def _time_left(now: Snapshot) -> Markup:
    """Of the run that takes longest; nothing while one of them cannot be told."""
    active = [progress for progress in now.runs if progress.state == "running"]
    told = [progress.left for progress in active if progress.left]
    if active and len(told) == len(active):
        left = max(told, key=lambda each: each.seconds)
        return m.tile("Time left", w.time_left(left), w.time_left_bounds(left))
    why = "cannot be told yet" if now.running else "no job runs"
    return m.tile("Time left", "–", why if active else "no run is active")
