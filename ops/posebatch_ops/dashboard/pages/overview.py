"""Is the night's work getting on: rates, queue, time left, what runs now, what fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import charts, tables
from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import frame, live, section
from posebatch_shared.jobs import JobState
from posebatch_shared.snapshot import Snapshot
from posebatch_shared.throughput import Throughput

CHART_SECONDS = 2.0
_Rates = Mapping[tuple[str, str], Sequence[float]]


def register(board: Board) -> None:
    """Serve it at the root."""

    @ui.page("/")
    def overview() -> None:
        with frame(board, "Overview", section="/"):
            _show(board, _tiles)
            with ui.element("div").classes("pair"):
                with section("Frames per second", "by device and tracker, mean of a minute"):
                    _chart(board, lambda shown: shown.frames_per_second, mean_over=6)
                with section("Videos per hour", "by device and tracker, mean of five minutes"):
                    _chart(board, lambda shown: shown.videos_per_hour, mean_over=30)
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


def _chart(board: Board, values: Callable[[Throughput], _Rates], *, mean_over: int) -> None:
    def options() -> dict[str, object]:
        if board.watcher.latest is None:
            return {}
        shown = board.watcher.latest.throughput
        return charts.rates(shown, values(shown), mean_over=mean_over)

    chart = ui.echart(options(), renderer="svg").classes("chart").props('aria-hidden="true"')

    def refresh() -> None:
        # Series of a device that has gone must go too, so nothing is merged.
        chart.options.clear()
        chart.options.update(options())
        chart.update()

    ui.timer(CHART_SECONDS, refresh)


def _tiles(now: Snapshot) -> Markup:
    waiting = sum(queue.waiting for queue in now.queues)
    oldest = max((queue.oldest_seconds for queue in now.queues), default=None)
    active = [progress for progress in now.runs if progress.state == "running"]
    longest = max((p.left.seconds for p in active if p.left), default=None)
    left = next((p for p in active if p.left and p.left.seconds == longest), None)
    completed, failed = (
        now.counts.get(state, 0) for state in (JobState.COMPLETED, JobState.DISCARDED)
    )
    share = f"{w.percent(failed / (completed + failed))} of what ended" if failed else ""
    early = "too early to tell" if active else "no run is active"
    return m.tiles(
        m.tile("Frames/s", w.number(now.throughput.frames_per_second_now), "last minute"),
        m.tile("Videos/h", w.number(now.throughput.videos_per_hour_now), "last 15 min of work"),
        m.tile("Waiting", w.number(waiting), f"oldest for {w.duration(oldest)}" if oldest else ""),
        m.tile("In progress", w.number(len(now.running)), w.plural(len(now.workers), "worker")),
        m.tile(
            "Time left",
            w.time_left(left.left) if left else "–",
            w.time_left_bounds(left.left) if left else early,
        ),
        m.tile("Completed", w.number(completed), "videos in the ledger"),
        m.tile("Dead letters", w.number(failed), share),
    )
