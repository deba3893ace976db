"""Where the time of a job, or of many, went: the tree of stages as nested bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.markup import Column
from posebatch_shared.results import StageTiming

#: The root that the others ran beside or before.
JOB = "job"
_BESIDE = Markup('<span class="folder">beside the job</span>')


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    timing: StageTiming
    depth: int
    start: float  #: share of the job before it
    share: float  #: of the job
    beside: bool = False


def tree(timings: Sequence[StageTiming], *, frames: int) -> Markup:
    """One line per stage, its bar where it lies within the job; FPS where frames are known. What
    ran beside or before the job comes last, to the same scale."""
    columns = (
        Column("Stage"),
        Column("Share of the job"),
        Column("%", numeric=True),
        Column("Time", numeric=True),
        Column("Calls", numeric=True),
        *([Column("FPS", numeric=True)] if frames else []),
    )
    rows = [_cells(placed, frames) for placed in _placed(timings)]
    return m.table("Timing of stages", columns, rows, empty="No timings.", look="dense")


def _placed(timings: Sequence[StageTiming]) -> Iterator[_Placed]:
    roots = [timing for timing in timings if timing.parent is None]
    whole = sum(root.seconds for root in roots if root.stage == JOB)
    for root in sorted(roots, key=lambda timing: timing.stage != JOB):
        for placed in _branch(timings, root, whole=whole, start=0.0, depth=0):
            yield placed if root.stage == JOB else replace(placed, beside=True)


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
    name = Markup('<span class="stage" style="padding-left:{}rem">{}</span>{}').format(
        placed.depth * 1.1,
        timing.stage.replace("_", " "),
        _BESIDE if placed.beside and placed.depth == 0 else "",
    )
    cells: list[object] = [
        name,
        _strip(placed),
        "" if placed.beside else f"{100 * placed.share:.1f}",
        _time(timing.seconds),
        w.number(timing.calls),
    ]
    if frames:
        per_frame = timing.calls >= frames or timing.stage in (JOB, "track")
        cells.append(w.number(frames / timing.seconds) if per_frame and timing.seconds else "")
    return cells


def _strip(placed: _Placed) -> Markup:
    look = "beside" if placed.beside else f"depth-{min(placed.depth, 3)}"
    width = round(100 * min(placed.share, 1.0), 2)
    return Markup('<span class="strip {}"><i style="left:{}%;width:{}%"></i></span>').format(
        look, round(100 * placed.start, 2), width
    )


def _time(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else w.duration(seconds)
