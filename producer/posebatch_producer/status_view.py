"""The status as a person reads it: tables of runs, queues, workers, stages and failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from posebatch_shared.errors.advice import advice_for
from posebatch_shared.file_names import shown, shown_name

#: Stages shown; the rest is small.
STAGES = 8
_STYLES = {"running": "cyan", "completed": "green", "paused": "yellow", "cancelled": "dim"}


def status_view(status: Mapping[str, Any]) -> RenderableType:
    """What `read_status` returned, laid out."""
    parts: list[RenderableType] = [_runs(status["runs"]), _rates(status)]
    if status["broker_error"]:
        parts.append(Text(f"no job starts: {status['broker_error']}", style="red"))
    met = {code: said for run in status["runs"] for code, said in run["met"].items()}
    parts += [_trouble(*trouble, met) for trouble in _troubles(status["runs"]).items()]
    parts += [_unserved(*unserved) for unserved in status["unserved"].items()]
    parts.append(_workers(status["workers"]))
    small = [
        table
        for table in (
            _queues(status["queues"]),
            _stages(status["stages"]),
            _failures(status["failures"]),
        )
        if table.row_count
    ]
    return Group(*parts, *([Columns(small, padding=(0, 3))] if small else []))


def _runs(runs: Sequence[Mapping[str, Any]]) -> RenderableType:
    if not runs:
        return Text("no runs yet", style="dim")
    table = _table("runs", "run", "state", "", "ended", "discarded", "time left")
    for run in runs:
        table.add_row(
            f"{run['run_id']} · {shown(run['name'])}",
            Text(run["state"], style=_STYLES.get(run["state"], "")),
            ProgressBar(total=run["total"] or 1, completed=run["ended"], width=24),
            f"{run['ended']}/{run['total']}",
            Text(str(run["discarded"]), style="red" if run["discarded"] else "dim"),
            _time_left(run),
        )
    return table


def _troubles(runs: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Error codes that jobs of these runs wait to pass, and how many."""
    return sum((Counter(run["to_be_tried_again"]) for run in runs), Counter())


def _trouble(code: str, jobs: int, met: Mapping[str, str]) -> Text:
    jobs_wait = "1 job waits" if jobs == 1 else f"{jobs} jobs wait"
    said = f"{jobs_wait} to be tried again, {code}: {advice_for(code)}\n  {shown(met[code])}"
    return Text(said, style="yellow")


def _time_left(run: Mapping[str, Any]) -> str:
    if run["seconds_left"] is None:
        return ""
    low, high = run["seconds_left_interval"]
    return f"{spell(run['seconds_left'])} ({spell(low)} – {spell(high)})"


def spell(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _rates(status: Mapping[str, Any]) -> Text:
    now, run = status["now"], status["over_the_run"]
    text = (
        f"last minute: {now['frames_per_second']:.0f} frames/s · "
        f"last 15 min of work: {now['videos_per_hour']:.0f} videos/h"
    )
    if run and run["seconds"]:
        text += (
            f" · over run {run['run_id']}: {run['frames_per_second']:.0f} frames/s, "
            f"{run['videos_per_hour']:.0f} videos/h in {spell(run['seconds'])}"
        )
    return Text(text)


def _unserved(device: str, jobs: int) -> Text:
    if device == "any":
        said = "start `posebatch worker`, or give the same `posebatch run` again"
        return Text(f"no worker is there: {said}", style="yellow")
    said = f"{jobs} jobs wait for one: start `posebatch worker --device {device}`"
    return Text(f"no {device} worker is there, and {said}", style="yellow")


def _workers(workers: Sequence[Mapping[str, Any]]) -> RenderableType:
    if not workers:
        return Text("no worker has reported lately", style="dim")
    table = _table("workers", "worker", "runs on", "tracker", "seen", "clip", "", "frames/s")
    for worker in workers:
        first: Sequence[Any] = (
            worker["name"],
            f"{worker['runs_on'] or '–'} {worker['provider'] or ''}".strip(),
            worker["tracker"] or worker["tracker_error"] or "not loaded",
            f"{worker['seen_seconds_ago']:.0f} s ago",
        )
        clips = worker["clips"] or [None]
        for place, clip in enumerate(clips):
            table.add_row(*(first if place == 0 else [""] * len(first)), *_clip(clip))
    return table


def _clip(clip: Mapping[str, Any] | None) -> Sequence[str]:
    if clip is None:
        return "idle", "", ""
    total = clip["frames_total"]
    done = f"{100 * clip['frames_done'] / total:.0f} %" if total else "starting"
    return shown_name(clip["video"]), done, f"{clip['frames_per_second']:.0f}"


def _queues(queues: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("waiting", "tag", "jobs", "oldest")
    for queue in queues:
        table.add_row(queue["device"], str(queue["waiting"]), spell(queue["oldest_seconds"]))
    return table


def _stages(stages: Sequence[Mapping[str, Any]]) -> Table:
    """Where the time goes: stages without children, largest first."""
    table = _table("time", "stage", "share")
    parents = {stage["parent"] for stage in stages}
    leaves = [s for s in stages if s["stage"] not in parents and s["parent"] and s["share"]]
    for stage in sorted(leaves, key=lambda s: -s["share"])[:STAGES]:
        table.add_row(stage["stage"], f"{100 * stage['share']:.1f} %")
    return table


def _failures(failures: Mapping[str, int]) -> Table:
    table = _table("discarded", "reason", "jobs")
    for code, number in failures.items():
        table.add_row(Text(code, style="red"), str(number))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2))
    numbers = {"ended", "discarded", "jobs", "share", "oldest", "frames/s", "seen"}
    for column in columns:
        table.add_column(
            column, justify="right" if column in numbers else "left", header_style="dim"
        )
    return table
