"""When both feet left the ground together, roughly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: Feet must rise this share of the stature to be a candidate (a flight of about 0.2 s).
LEAST_RISE_PER_STATURE = 0.025
#: A flight shorter than this is a bounce or a twitch of the tracker.
SHORTEST_FLIGHT_SECONDS = 0.14
LONGEST_FLIGHT_SECONDS = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A rough flight on the even clock: sample indices and the ground level on both sides (px)."""

    first: int
    last: int
    ground_before_px: float
    ground_after_px: float
    rise_px: float


def low_foot(motion: Motion) -> Array:
    """(N,) height of the lowest foot landmark, px: it leaves the ground only if both feet do."""
    rows = [motion.nodes.index(node) for node in motion.foot_nodes]
    heights = motion.smooth[:, rows, 1]
    return np.asarray((heights - np.median(heights, axis=0)).min(axis=1), dtype=np.float64)


def windows(motion: Motion) -> list[Window]:
    """Rough flights, in order: where both feet rise and come down again."""
    height = low_foot(motion)
    least = LEAST_RISE_PER_STATURE * motion.stature_px
    peaks, facts = signal.find_peaks(height, prominence=least)
    found = []
    for peak, left, right in zip(peaks, facts["left_bases"], facts["right_bases"], strict=True):
        window = _around(motion, height, int(peak), int(left), int(right))
        if window is not None:
            found.append(window)
    return found


def _around(motion: Motion, height: Array, peak: int, left: int, right: int) -> Window | None:
    reach = round(LONGEST_FLIGHT_SECONDS * motion.rate_hz)
    left, right = max(left, peak - reach), min(right, peak + reach)
    before, after = float(height[left:peak].min()), float(height[peak + 1 : right + 1].min())
    rise = float(height[peak]) - max(before, after)
    mark = 0.2 * rise
    first = peak - int(np.argmax(height[peak::-1] < before + mark))
    last = peak + int(np.argmax(height[peak:] < after + mark))
    seconds = (last - first) / motion.rate_hz
    if not SHORTEST_FLIGHT_SECONDS < seconds < LONGEST_FLIGHT_SECONDS:
        return None
    return Window(
        first=first, last=last, ground_before_px=before, ground_after_px=after, rise_px=rise
    )
