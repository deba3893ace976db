"""Where a track goes over from somebody to whoever walks past in front of him."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from posebatch_workers.trackers.stitching import Tracklet, joining_cost, misfit

#: Who grows or shrinks this much over so many rows may have become somebody else,
RATIO, ROWS = 1.5, 9
#: and has if one who comes later, or went before, fits better by so much: people crouch, too.
BETTER = 0.5


def part_takeovers(tracklets: Sequence[Tracklet]) -> list[Tracklet]:
    """The tracklets, parted where the crop of a hidden person went along with another."""
    return [
        part
        for number, tracklet in enumerate(tracklets)
        for part in _parted(tracklet, [*tracklets[:number], *tracklets[number + 1 :]])
    ]


def _parted(tracklet: Tracklet, others: Sequence[Tracklet]) -> list[Tracklet]:
    for row in _sudden_changes(tracklet) if others else ():
        left, right = tracklet.stretch(slice(row)), tracklet.stretch(slice(row, None))
        rivals = [joining_cost(left, other) for other in others]
        rivals += [joining_cost(other, right) for other in others]
        if min(rivals, default=inf) < BETTER * misfit(left, right):
            return [left, *_parted(right, others)]
    return [tracklet]


def _sudden_changes(tracklet: Tracklet) -> list[int]:
    """The row of the fastest change of size in each stretch of rows in which it is too fast."""
    boxes = tracklet.boxes
    if len(boxes) < ROWS:
        return []
    sizes = np.log(np.maximum((boxes[:, 2:] - boxes[:, :2]).max(axis=1), 1e-6))
    smooth: NDArray[np.float64] = median_filter(sizes, ROWS, mode="nearest")
    change = np.abs(smooth[ROWS - 1 :] - smooth[: 1 - ROWS])
    fast = np.flatnonzero(change > np.log(RATIO))
    stretches = np.split(fast, np.flatnonzero(np.diff(fast) > 1) + 1)
    return [int(rows[change[rows].argmax()]) + ROWS // 2 for rows in stretches if len(rows)]
