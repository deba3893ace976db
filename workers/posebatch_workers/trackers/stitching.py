"""Which stretches of tracks are one person: who left and came back, or was hidden by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

Doubles = NDArray[np.float64]

#: Body sizes per second that somebody covers unseen, and what a detector may be off.
SPEED, SLACK = 3.0, 0.5
#: Sizes may differ this much between leaving and coming back, and between two frames.
SIZE_RATIO, SIZE_RATIO_AT_ONCE = 1.8, 2.2
AT_ONCE_SECONDS = 0.2
#: After a longer absence it may be anybody.
ABSENCE_SECONDS = 20.0
#: Boxes at each end of a tracklet whose median is compared: people are cut off at the border.
_END_ROWS = 5
#: Who grows or shrinks this much over so many rows may be somebody else.
TAKEOVER_RATIO, _TAKEOVER_ROWS = 1.5, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracklet:
    """An uninterrupted stretch of one person: M rows, their times and boxes (M, 4)."""

    rows: list[int]
    people: list[int]
    seconds: Doubles
    boxes: Doubles

    @property
    def size(self) -> float:
        """Median longer side of the box over the whole stretch."""
        return float(np.median((self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1)))

    def centre(self, end: slice) -> Doubles:
        """(2,) median box centre over the rows of `end`."""
        return np.asarray(np.median((self.boxes[end, :2] + self.boxes[end, 2:]) / 2, axis=0))

    def parted(self) -> list[Tracklet]:
        """The stretches between sudden changes of size: whoever walks past in front of somebody
        takes his crop along. `stitch` joins again what belongs together."""
        sizes = np.maximum((self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1), 1e-6)
        ends = [0, *_sudden_changes(np.log(sizes)), len(sizes)]
        return [self._stretch(slice(*pair)) for pair in pairwise(ends)]

    def _stretch(self, part: slice) -> Tracklet:
        return Tracklet(
            rows=self.rows[part],
            people=self.people[part],
            seconds=self.seconds[part],
            boxes=self.boxes[part],
        )


def _sudden_changes(log_sizes: Doubles) -> list[int]:
    """The row of the fastest change in each stretch of rows that change too fast."""
    if len(log_sizes) < _TAKEOVER_ROWS:
        return []
    smooth = median_filter(log_sizes, _TAKEOVER_ROWS, mode="nearest")
    change = np.abs(smooth[_TAKEOVER_ROWS - 1 :] - smooth[: 1 - _TAKEOVER_ROWS])
    fast = np.flatnonzero(change > np.log(TAKEOVER_RATIO))
    stretches = np.split(fast, np.flatnonzero(np.diff(fast) > 1) + 1)
    return [
        int(rows[change[rows].argmax()]) + _TAKEOVER_ROWS // 2 for rows in stretches if len(rows)
    ]


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
    sizes = np.array([t.size for t in ordered])
    pairs: list[tuple[float, int, int]] = []
    for left, tracklet in enumerate(ordered):
        gaps = starts - tracklet.seconds[-1]
        ratios = np.abs(np.log(np.maximum(sizes, 1e-6) / max(tracklet.size, 1e-6)))
        limits = np.where(gaps <= AT_ONCE_SECONDS, SIZE_RATIO_AT_ONCE, SIZE_RATIO)
        near = (gaps > 0) & (gaps <= ABSENCE_SECONDS) & (ratios <= np.log(limits))
        for right in np.flatnonzero(near).tolist():
            cost = _cost(tracklet, ordered[right], gaps[right], ratios[right])
            if cost is not None:
                pairs.append((cost, left, right))
    next_of: dict[int, int] = {}
    for _, left, right in sorted(pairs):
        if left not in next_of and right not in next_of.values():
            next_of[left] = right
    return next_of


def _cost(left: Tracklet, right: Tracklet, gap: float, ratio: float) -> float | None:
    """Body sizes apart plus misfit of size and time, None if nobody is that quick."""
    apart = np.linalg.norm(left.centre(slice(-_END_ROWS, None)) - right.centre(slice(_END_ROWS)))
    distance = float(apart) / max(left.size, 1e-6)
    if distance > SLACK + SPEED * gap:
        return None
    return distance + 2.0 * ratio + gap / ABSENCE_SECONDS
