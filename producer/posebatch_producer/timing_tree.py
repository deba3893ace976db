"""The timing tree of one job, as people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.tree import Tree

#: Stages in which a frame count says something, for the FPS behind them.
PER_FRAME = frozenset({"track", "infer", "detect", "decode", "convert", "decoder", "job"})


def timing_tree(timings: Sequence[Mapping[str, Any]], frames: int) -> RenderableType:
    """Stages as branches with ms, share of their root and, where it says something, FPS."""
    roots = [t for t in timings if t["parent"] is None]
    return Group(*[_branch(root, timings, root["seconds"], frames) for root in roots])


def _branch(
    timing: Mapping[str, Any], timings: Sequence[Mapping[str, Any]], total: float, frames: int
) -> Tree:
    tree = Tree(_stage_line(timing, total, frames), guide_style="dim")
    children = [t for t in timings if t["parent"] == timing["stage"]]
    for child in sorted(children, key=lambda t: (t["stage"] == "rest", -t["seconds"])):
        tree.add(_branch(child, timings, total, frames))
    return tree


def _stage_line(timing: Mapping[str, Any], total: float, frames: int) -> str:
    share = 100 * timing["seconds"] / total if total else 0.0
    line = f"{timing['stage']:<18}{timing['seconds'] * 1000:>9.1f} ms {share:>5.1f} %"
    if timing["stage"] in PER_FRAME and frames and timing["seconds"]:
        line += f" {frames / timing['seconds']:>8.1f} FPS"
    return line
