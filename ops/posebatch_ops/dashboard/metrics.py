"""How the numbers of an analysis are laid out: jumps, events, quality, clip and tracker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard.markup import Column
from posebatch_shared.results import INSTANTS, JobResult

#: Endings of metric names, the unit shown, the factor from the stored unit, and decimals.
_UNITS = (
    ("_interval_seconds", "ms", 1000.0, 0),
    ("_interval_m", "cm", 100.0, 1),
    ("_m_s", "m/s", 1.0, 2),
    ("_seconds", "ms", 1000.0, 0),
    ("_degrees", "°", 1.0, 0),
    ("_per_pixel", "mm/px", 1000.0, 2),
    ("_m", "cm", 100.0, 1),
)
#: Units that no ending tells.
_OTHER_UNITS = {"rsi_height_over_contact": "m/s", "rsi_modified": "m/s"}
#: Shown as events, or as the table's head.
_ELSEWHERE = frozenset({"rep", "kind", *INSTANTS})


def jump_table(jumps: Sequence[Mapping[str, Any]], note: str | None) -> Markup:
    """A row per metric that any jump has, a column per jump."""
    names = [name for name in _names(jumps) if name not in _ELSEWHERE]
    heads = [f"Jump {jump.get('rep', place + 1)}" for place, jump in enumerate(jumps)]
    columns = (Column("Metric"), Column("Unit"), *(Column(head, numeric=True) for head in heads))
    rows = [_metric_cells(name, jumps) for name in names]
    return m.table("Jump metrics", columns, rows, empty=note or "No jump was found.")


def _names(jumps: Sequence[Mapping[str, Any]]) -> list[str]:
    names = dict.fromkeys(name for jump in jumps for name in jump)
    return [name for name in names if any(jump.get(name) is not None for jump in jumps)]


def _metric_cells(name: str, jumps: Sequence[Mapping[str, Any]]) -> list[Any]:
    ending, unit, factor, digits = next(
        (row for row in _UNITS if name.endswith(row[0])), ("", _OTHER_UNITS.get(name, ""), 1.0, 3)
    )
    interval = "_interval" if "_interval" in ending else ""
    words = name.removesuffix(ending).replace("_", " ").replace("rsi", "RSI")
    return [
        words.replace("metres", "scale") + (" from – to" if interval else ""),
        unit,
        *(_value(jump.get(name), factor, digits) for jump in jumps),
    ]


def _value(value: Any, factor: float, digits: int) -> str:
    match value:
        case None:
            return "–"
        case bool() | str():
            return str(value)
        case int() | float():
            return f"{value * factor:.{digits}f}"
        case _:
            return " – ".join(_value(each, factor, digits) for each in value)


def event_table(analysis: Mapping[str, Any]) -> Markup:
    """Instants and phases: where the player finds them, and how long they really lasted."""
    spans = _spans(analysis.get("phases") or [], slow_motion(analysis))
    rows = sorted([*_instants(analysis.get("jumps") or []), *spans], key=lambda row: row[0])
    columns = (
        Column("At, in the clip", numeric=True),
        Column("What"),
        Column("Lasts", numeric=True),
        Column("Jump", numeric=True),
    )
    cells = [[f"{at:.3f} s", what, lasts, rep] for at, what, lasts, rep in rows]
    return m.table("Events and phases", columns, cells, empty="None.")


def _instants(jumps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[float, Any, str, Any]]:
    for place, jump in enumerate(jumps):
        for name in INSTANTS:
            at = jump.get(name)
            if at is not None:
                what = Markup("<b>{}</b>").format(name.removesuffix("_seconds"))
                yield at, what, "", jump.get("rep", place + 1)


def slow_motion(analysis: Mapping[str, Any]) -> float:
    """How many times slower than life the clip plays."""
    return float(analysis.get("slow_motion") or 1.0)


def _spans(
    phases: Sequence[Mapping[str, Any]], slow_motion: float
) -> Iterator[tuple[float, Any, str, Any]]:
    for phase in phases:
        lasts = (phase["end_seconds"] - phase["start_seconds"]) / slow_motion
        yield phase["start_seconds"], phase["name"], f"{1000 * lasts:.0f} ms", phase.get("rep", "")


def quality(found: Mapping[str, Any]) -> Markup:
    """Score, the parts it is made of, and warnings."""
    if found.get("score") is None:
        return Markup('<p class="empty">Not judged.</p>')
    head = Markup('<p class="lead"><b class="figure">{:.0f}</b> of 100 {}</p>').format(
        found["score"], Markup('<span class="badge {0}">{0}</span>').format(found.get("level", ""))
    )
    parts = found.get("parts") or {}
    rows = [
        [name.replace("_", " "), m.bar(share, label=f"{share:.2f} of 1"), f"{share:.2f}"]
        for name, share in parts.items()
    ]
    columns = (Column("Part"), Column("Share"), Column("Value", numeric=True))
    body = m.table("Parts of the quality score", columns, rows, empty="") if rows else ""
    warnings = found.get("warnings") or []
    return head + body + (m.lines(warnings) if warnings else "")


def about(result: JobResult) -> Iterator[tuple[str, Any]]:
    """What the clip is and what really tracked it."""
    info, tracker = result.video_info, result.tracker
    yield "Picture", f"{info.width} × {info.height}, turned by {info.rotation_degrees}°"
    yield "Frames", f"{info.frames} at {info.fps:.2f} per second, {info.duration_seconds:.2f} s"
    if (slower := slow_motion(result.analysis)) != 1:
        yield "Slow motion", f"plays {slower:g} times slower than life"
    yield "Codec", info.codec
    yield "Tracked", f"{result.frames_tracked} frames"
    yield "Tracker", f"{tracker.name} · {tracker.model}"
    yield "Ran on", f"{tracker.device} · {tracker.provider}"
    yield "Model", Markup("<code>{}</code>").format(tracker.model_sha256[:16])
    yield "Versions", ", ".join(f"{name} {version}" for name, version in tracker.versions.items())
