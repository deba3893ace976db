"""What people read: a run's table, one job's metrics, and its timing tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from posebatch_producer.timing_tree import timing_tree
from posebatch_shared.errors.advice import advice_for
from posebatch_shared.file_names import shown, shown_name


def run_table(document: Mapping[str, Any]) -> RenderableType:
    """A row per video, then the run's counts and rates."""
    run = document["run"]
    table = Table(title=f"run {run['run_id']} · {shown(run['name'])}", title_justify="left")
    for name in (
        "job",
        "video",
        "state",
        "kind",
        "jumps",
        "height",
        "flight",
        "quality",
        "frames/s",
    ):
        table.add_column(name, justify="left" if name in ("video", "state", "kind") else "right")
    for job in document["jobs"]:
        table.add_row(*_job_cells(job))
    return Group(table, _summary(run))


def _job_cells(job: Mapping[str, Any]) -> list[str | Text]:
    name = shown_name(job["video"])
    if job["error"]:
        why = Text(f"{job['state']}: {job['error']['code']}", style="red")
        return [str(job["job_id"]), name, why]
    analysis = job["analysis"] or {}
    jumps = analysis.get("jumps", [])
    quality = analysis.get("quality", {})
    state = f"{job['state']} (cached)" if job["cache_hit"] else job["state"]
    return [
        str(job["job_id"]),
        name,
        state,
        analysis.get("kind", ""),
        str(len(jumps)) if analysis else "",
        " ".join(f"{jump['jump_height_m'] * 100:.1f}" for jump in jumps) + (" cm" if jumps else ""),
        " ".join(f"{jump['flight_time_seconds'] * 1000:.0f}" for jump in jumps)
        + (" ms" if jumps else ""),
        f"{quality['score']:.0f}" if quality.get("score") is not None else "",
        f"{frames_per_second(job):.0f}" if frames_per_second(job) else "",
    ]


def frames_per_second(job: Mapping[str, Any]) -> float:
    """Frames of the video over the wall time of the attempt, 0 if nothing was tracked."""
    wall = next((t["seconds"] for t in job["timings"] if t["stage"] == "job"), 0.0)
    frames = (job["video_info"] or {}).get("frames") or 0
    return frames / wall if wall and not job["cache_hit"] else 0.0


def _summary(run: Mapping[str, Any]) -> Text:
    parts = [f"{run['completed']} of {run['total']} completed"]
    parts += [f"{run[state]} {state}" for state in ("discarded", "cancelled") if run[state]]
    parts += [f"{run['seconds']:.1f} s", f"{run['frames_per_second']:.0f} frames/s"]
    return Text(" · ".join([*parts, f"{run['videos_per_hour']:.0f} videos/h"]))


def job_view(job: Mapping[str, Any]) -> RenderableType:
    """All that is known of one job."""
    table = Table(show_header=False, title=f"job {job['job_id']} · {shown(job['video'])}")
    table.title_justify = "left"
    for name, value in _facts(job):
        table.add_row(name, value)
    frames = (job["video_info"] or {}).get("frames") or 0
    return Group(table, *_jump_tables(job), timing_tree(job["timings"], frames))


def _facts(job: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = [("state", job["state"]), ("attempt", str(job["attempt"]))]
    if error := job["error"]:
        reason = ("error", f"{error['code']}: {shown(error['message'])}")
        return [*facts, reason, ("what to do", advice_for(error["code"]))]
    if info := job["video_info"]:
        shape = f"{info['width']}×{info['height']}, {info['fps']:.2f} fps, {info['codec']}"
        facts.append(
            ("video", f"{shape}, {info['frames']} frames, {info['duration_seconds']:.2f} s")
        )
    if tracker := job["tracker"]:
        facts.append(
            ("tracker", f"{tracker['name']} on {tracker['device']} ({tracker['provider']})")
        )
    if analysis := job["analysis"]:
        quality = analysis.get("quality", {})
        facts.append(("kind", analysis["kind"]))
        facts.append(("quality", f"{quality.get('score', 0):.0f} ({quality.get('level', '')})"))
        facts += [("warning", text) for text in quality.get("warnings", [])]
        if note := analysis.get("note"):
            facts.append(("note", note))
    facts += [(name, uri) for name, uri in job["artifacts"].items() if uri]
    return facts


def _jump_tables(job: Mapping[str, Any]) -> list[Table]:
    jumps = (job["analysis"] or {}).get("jumps", [])
    if not jumps:
        return []
    table = Table("metric", *[f"jump {number + 1}" for number in range(len(jumps))])
    for metric in jumps[0]:
        values = [jump.get(metric) for jump in jumps]
        if any(value is not None for value in values):
            table.add_row(metric, *map(_number, values))
    return [table]


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return " – ".join(map(_number, value))
    return "" if value is None else str(value)


def demo_table(document: Mapping[str, Any]) -> RenderableType:
    """Measured against true height and flight time of each jump."""
    table = Table(title="measured (true)", title_justify="left")
    for name in ("clip", "height cm", "flight ms", "error cm", "seconds", "frames/s"):
        table.add_column(name, justify="left" if name == "clip" else "right")
    for job in document["jobs"]:
        name = job["video"].rsplit("/", 1)[-1]
        wall = next((t["seconds"] for t in job["timings"] if t["stage"] == "job"), 0.0)
        speed = (f"{wall:.2f}", f"{frames_per_second(job):.0f}")
        for number, (found, true) in enumerate(_pairs(job)):
            table.add_row(name if not number else "", *_compared(found, true), *speed)
    return Group(table, _summary(document["run"]))


def _pairs(job: Mapping[str, Any]) -> list[tuple[Mapping[str, Any] | None, Mapping[str, Any]]]:
    """Each true jump with the measured one whose flight overlaps it."""
    found = (job["analysis"] or {}).get("jumps", [])
    return [(next((f for f in found if _overlap(f, t)), None), t) for t in job["truth"]["jumps"]]


def _overlap(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return bool(
        a["takeoff_seconds"] < b["landing_seconds"] and b["takeoff_seconds"] < a["landing_seconds"]
    )


def _compared(found: Mapping[str, Any] | None, true: Mapping[str, Any]) -> tuple[str, str, str]:
    height, flight = true["jump_height_m"] * 100, true["flight_time_seconds"] * 1000
    if found is None:
        return f"not found ({height:.1f})", f"({flight:.0f})", ""
    measured = found["jump_height_m"] * 100
    return (
        f"{measured:.1f} ({height:.1f})",
        f"{found['flight_time_seconds'] * 1000:.0f} ({flight:.0f})",
        f"{measured - height:+.1f}",
    )


def doctor_table(report: Mapping[str, Any]) -> RenderableType:
    """A row per check, the reason and the advice where it failed."""
    table = Table(title="posebatch doctor", title_justify="left")
    for name in ("check", "", "detail", "what to do"):
        table.add_column(name, overflow="fold")  # files and addresses must be readable to the end
    for check in report["checks"]:
        mark = Text("ok", style="green") if check["ok"] else Text("no", style="red")
        table.add_row(check["name"], mark, str(check["detail"]), check["advice"])
    machine = report["machine"]
    return Group(
        table, Text(f"{machine['system']}, Python {machine['python']}, {machine['cores']} cores")
    )
