"""Where the time of a job, or of many, went: the tree of stages as nested bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.markup import Column
from posebatch_shared.results import StageTiming


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    timing: StageTiming
    depth: int
    start: float  #: share of the root before it
    share: float  #: of its root


def tree(timings: Sequence[StageTiming], *, frames: int) -> Markup:
    """One line per stage, its bar where it lies within its parent's; FPS where frames are known."""
    columns = (
        Column("Stage"),
        Column("Share of the whole"),
        Column("", numeric=True),
        Column("Time", numeric=True),
        Column("Calls", numeric=True),
        *([Column("FPS", numeric=True)] if frames else []),
    )
    rows = [_cells(placed, frames) for placed in _placed(timings)]
    columns = tuple(Column(c.title or "%", c.numeric) for c in columns)
    return m.table("Timing of stages", columns, rows, empty="No timings.")


def _placed(timings: Sequence[StageTiming]) -> Iterator[_Placed]:
    for root in timings:
        if root.parent is None:
            yield from _branch(timings, root, whole=root.seconds, start=0.0, depth=0)


def _branch(
    timings: Sequence[StageTiming], timing: StageTiming, *, whole: float, start: float, depth: int
) -> Iterator[_Placed]:
    share = timing.seconds / whole if whole else 0.0
    yield _Placed(timing=timing, depth=depth, start=start, share=share)
    for child in timings:
        if child.parent == timing.stage:
            yield from _branch(timings, child, whole=whole, start=start, depth=depth + 1)
            start += child.seconds / whole if whole else 0.0


def _cells(placed: _Placed, frames: int) -> list[object]:
    timing = placed.timing
    name = Markup('<span class="stage" style="padding-left:{}rem">{}</span>').format(
        placed.depth * 1.1, timing.stage.replace("_", " ")
    )
    strip = Markup('<span class="strip depth-{}"><i style="left:{}%;width:{}%"></i></span>').format(
        min(placed.depth, 3), round(100 * placed.start, 2), round(100 * placed.share, 2)
    )
    cells: list[object] = [
        name,
        strip,
        f"{100 * placed.share:.1f}",
        _time(timing.seconds),
        w.number(timing.calls),
    ]
    if frames:
        per_frame = timing.calls >= frames or timing.stage in ("job", "track")
        cells.append(w.number(frames / timing.seconds) if per_frame and timing.seconds else "")
    return cells


def _time(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else w.duration(seconds)
