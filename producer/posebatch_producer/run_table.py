"""A run as people read it: a row per video, as wide as a terminal of 80 columns at least."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from posebatch_shared.file_names import shown

#: Widest columns: names, which have what is left, are what is looked for.
_A_REASON, _TWO_JUMPS = 21, 9


def run_table(document: Mapping[str, Any]) -> RenderableType:
    """A row per video, then the run's counts and rates."""
    run, jobs = document["run"], document["jobs"]
    table = Table(
        Column("job", justify="right"),
        Column("video", overflow="fold"),
        Column("kind", max_width=_A_REASON),
        Column("height cm", justify="right", max_width=_TWO_JUMPS),
        Column("flight ms", justify="right", max_width=_TWO_JUMPS),
        Column("quality", justify="right"),
        title=f"run {run['run_id']} · {shown(run['name'])}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=0,
    )
    for job, name in zip(jobs, _names([job["video"] for job in jobs]), strict=True):
        table.add_row(str(job["job_id"]), name, _kind(job), *_numbers(job["analysis"] or {}))
    known = sum(job["cache_hit"] for job in jobs)
    return Group(table, summary(run).append(f" · {known} known before" if known else ""))


def _names(videos: Sequence[str]) -> list[str]:
    """File names; those that several have, with the folders in which these lie."""
    paths = [video.split("/") for video in videos]
    folders = zip(*[path[:-1] for path in paths], strict=False)
    common = sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, folders))
    times = Counter(path[-1] for path in paths)
    return [shown("/".join(path[common:]) if times[path[-1]] > 1 else path[-1]) for path in paths]


def _kind(job: Mapping[str, Any]) -> Text:
    """Of jump; why there is none, where the video did not get through."""
    if job["error"]:
        return Text(f"{job['state']}: {job['error']['code']}", style="red")
    return Text(job["analysis"]["kind"] if job["analysis"] else job["state"])


def _numbers(analysis: Mapping[str, Any]) -> tuple[str, str, str]:
    """Heights, flight times and quality."""
    jumps, score = analysis.get("jumps", []), analysis.get("quality", {}).get("score")
    return (
        " ".join(f"{jump['jump_height_m'] * 100:.1f}" for jump in jumps),
        " ".join(f"{jump['flight_time_seconds'] * 1000:.0f}" for jump in jumps),
        "" if score is None else f"{score:.0f}",
    )


def frames_per_second(job: Mapping[str, Any]) -> float:
    """Frames of the video over the wall time of the attempt, 0 if nothing was tracked."""
    wall = next((t["seconds"] for t in job["timings"] if t["stage"] == "job"), 0.0)
    frames = (job["video_info"] or {}).get("frames") or 0
    return frames / wall if wall and not job["cache_hit"] else 0.0


def summary(run: Mapping[str, Any]) -> Text:
    """Counts and rates."""
    parts = [f"{run['completed']} of {run['total']} completed"]
    parts += [f"{run[state]} {state}" for state in ("discarded", "cancelled") if run[state]]
    parts += [f"{run['seconds']:.1f} s", f"{run['frames_per_second']:.0f} frames/s"]
    return Text(" · ".join([*parts, f"{run['videos_per_hour']:.0f} videos/h"]))
