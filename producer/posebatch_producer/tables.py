"""What people read: the list of runs, one job's metrics and timing tree, the demo, the doctor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from posebatch_producer.run_table import frames_per_second, summary
from posebatch_producer.timing_tree import timing_tree
from posebatch_shared.errors.advice import advice_for
from posebatch_shared.file_names import shown
from posebatch_shared.jobs import TrackOptions


def runs_table(runs: Sequence[Mapping[str, Any]]) -> RenderableType:
    """A row per run, as wide as a terminal of 80 columns at least; times are of this place."""
    if not runs:
        return Text("no runs yet")
    table = Table(
        Column("run", justify="right"),
        Column("name", overflow="fold"),
        *("made", "state"),
        *(Column(name, justify="right") for name in ("done", "discarded", "all")),
        box=box.SIMPLE_HEAD,
        padding=0,
    )
    for run in runs:
        made = datetime.fromisoformat(run["created_at"]).astimezone()
        counts = (str(run[state]) for state in ("completed", "discarded", "total"))
        table.add_row(
            str(run["run_id"]), _name(run), f"{made:%Y-%m-%d %H:%M}", run["state"], *counts
        )
    return table


def _name(run: Mapping[str, Any]) -> Text:
    """With what was asked for below it, where that is not what every run does."""
    usual = TrackOptions().words()
    asked = [word for word in TrackOptions(**run["options"]).words() if word not in usual]
    return Text("\n".join([shown(run["name"]), *([", ".join(asked)] if asked else [])]))


def job_view(job: Mapping[str, Any]) -> RenderableType:
    """All that is known of one job."""
    table = Table(show_header=False, title=f"job {job['job_id']} · {shown(job['video'])}")
    table.title_justify = "left"
    table.add_column()
    table.add_column(overflow="fold")  # addresses are there to be copied
    for name, value in _facts(job):
        table.add_row(name, value)
    frames = (job["video_info"] or {}).get("frames") or 0
    return Group(table, *_jump_tables(job), timing_tree(job["timings"], frames))


def _facts(job: Mapping[str, Any]) -> list[tuple[str, str]]:
    run = job["run"]
    facts = [
        ("run", f"{run['run_id']} · {shown(run['name'])}"),
        ("asked for", ", ".join(TrackOptions(**run["options"]).words())),
        ("state", job["state"]),
        ("attempt", str(job["attempt"])),
    ]
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
        if remark := job["remark"]:
            facts.append(("remark", remark))
    facts += [(name, uri) for name, uri in job["artifacts"].items() if uri]
    return facts


def _jump_tables(job: Mapping[str, Any]) -> list[Table]:
    jumps = (job["analysis"] or {}).get("jumps", [])
    if not jumps:
        return []
    table = Table(
        Column("metric", no_wrap=True), *[f"jump {number + 1}" for number in range(len(jumps))]
    )
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
    return Group(table, summary(document["run"]))


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


def doctor_view(report: Mapping[str, Any]) -> RenderableType:
    """A line per check, and the advice where it failed; not a table: addresses are there to be
    copied."""
    lines = [_check(check) for check in report["checks"]]
    machine = report["machine"]
    words = [f"posebatch {report['packages']['posebatch']}", machine["system"]]
    words += [f"Python {machine['python']}", f"{machine['cores']} cores"]
    return Group(*lines, Text(", ".join(words)))


def _check(check: Mapping[str, Any]) -> Text:
    mark = ("ok", "green") if check["ok"] else ("no", "red")
    advice = f"\n     {check['advice']}" if check["advice"] else ""
    return Text.assemble(mark, f"  {check['name']}: {check['detail']}", (advice, "dim"))
