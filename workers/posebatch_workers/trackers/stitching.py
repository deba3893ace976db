"""Which interrupted tracks are one person who left and came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import dist, inf, log

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

#: Body sizes per second that somebody covers unseen, and what a detector may be off.
SPEED, SLACK = 3.0, 0.5
#: Sizes may differ this much between leaving and coming back.
SIZE_RATIO = 1.8
#: After a longer absence it may be anybody.
ABSENCE_SECONDS = 20.0
#: Boxes at each end of a tracklet whose median is compared: people are cut off at the border.
_END_ROWS = 5


@dataclass(frozen=True, kw_only=True)
class Tracklet:
    """An uninterrupted stretch of one person: M rows, their times and boxes (M, 4)."""

    rows: list[int]
    people: list[int]
    seconds: Doubles
    boxes: Doubles

    @cached_property
    def size(self) -> float:
        """Median longer side of the box over the whole stretch."""
        return max(float(np.median((self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1))), 1e-6)

    @cached_property
    def start(self) -> list[float]:
        """Median box centre over the first rows."""
        return _centre(self.boxes[:_END_ROWS])

    @cached_property
    def end(self) -> list[float]:
        """The same over the last rows."""
        return _centre(self.boxes[-_END_ROWS:])

    def stretch(self, part: slice) -> Tracklet:
        """These rows of it alone."""
        return Tracklet(
            rows=self.rows[part],
            people=self.people[part],
            seconds=self.seconds[part],
            boxes=self.boxes[part],
        )


def _centre(boxes: Doubles) -> list[float]:
    centre: list[float] = np.median((boxes[:, :2] + boxes[:, 2:]) / 2, axis=0).tolist()
    return centre


def stitch(tracklets: Sequence[Tracklet]) -> list[list[Tracklet]]:
    """Chains of tracklets, each one person, in order of appearance, left to right in a tie.

    Two are joined if the second begins after the first ends, close enough in place, size and time,
    and neither has a better partner. Which of two bodies returns is settled by the smaller cost.
    """
    ordered = sorted(tracklets, key=lambda t: (t.rows[0], float(t.boxes[0, 0])))
    next_of = _partners(ordered)
    followers = set(next_of.values())
    chains = []
    for start in range(len(ordered)):
        if start in followers:
            continue
        chain, place = [ordered[start]], start
        while place in next_of:
            place = next_of[place]
            chain.append(ordered[place])
        chains.append(chain)
    return chains


def _partners(ordered: Sequence[Tracklet]) -> dict[int, int]:
    """Greedy pairing of ends with later starts, cheapest first."""
    starts = np.array([t.seconds[0] for t in ordered])
    pairs: list[tuple[float, int, int]] = []
    for left, tracklet in enumerate(ordered):
        gaps = starts - tracklet.seconds[-1]
        for right in np.flatnonzero((gaps > 0) & (gaps <= ABSENCE_SECONDS)).tolist():
            cost = joining_cost(tracklet, ordered[right])
            if cost < inf:
                pairs.append((cost, left, right))
    next_of: dict[int, int] = {}
    for _, left, right in sorted(pairs):
        if left not in next_of and right not in next_of.values():
            next_of[left] = right
    return next_of


def joining_cost(left: Tracklet, right: Tracklet) -> float:
    """That of taking the later one for the same person; infinite if nobody changes or runs so."""
    gap = right.seconds[0] - left.seconds[-1]
    if not 0 < gap <= ABSENCE_SECONDS:
        return inf
    if abs(log(right.size / left.size)) > log(SIZE_RATIO):
        return inf
    if _body_sizes_apart(left, right) > SLACK + SPEED * gap:
        return inf
    return misfit(left, right)


def misfit(left: Tracklet, right: Tracklet) -> float:
    """How little the end of one is like the start of the other: in place, size and time."""
    gap = right.seconds[0] - left.seconds[-1]
    ratio = abs(log(right.size / left.size))
    return _body_sizes_apart(left, right) + 2.0 * ratio + float(gap) / ABSENCE_SECONDS


def _body_sizes_apart(left: Tracklet, right: Tracklet) -> float:
    return dist(left.end, right.start) / left.size
