"""When both feet left the ground together, roughly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: Feet must rise this share of the stature to be a candidate (a flight of about 0.2 s).
LEAST_RISE_PER_STATURE = 0.025
#: Nobody flies longer (a height of 1.5 m).
LONGEST_FLIGHT_SECONDS = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A rough flight, seconds from the clip's first frame."""

    start_seconds: float
    end_seconds: float


def low_foot(motion: Motion) -> Array:
    """(N,) height of the lowest foot landmark, px: it leaves the ground only if both feet do."""
    rows = [motion.nodes.index(node) for node in motion.foot_nodes]
    heights = motion.smooth[:, rows, 1]
    return np.asarray((heights - np.median(heights, axis=0)).min(axis=1), dtype=np.float64)


def windows(motion: Motion) -> list[Window]:
    """Rough flights, in order: where both feet rise and come down again."""
    height = low_foot(motion)
    peaks, facts = _peaks(motion, height)
    found = []
    for peak, left, right in zip(peaks, facts["left_bases"], facts["right_bases"], strict=True):
        window = _around(motion, height, int(peak), int(left), int(right))
        if window is not None:
            found.append(window)
    return found


def feet_rise(motion: Motion) -> bool:
    """Whether both feet ever rise and come down again, however slowly."""
    return len(_peaks(motion, low_foot(motion))[0]) > 0


def _peaks(motion: Motion, height: Array) -> tuple[NDArray[Any], Mapping[str, NDArray[Any]]]:
    least = LEAST_RISE_PER_STATURE * motion.stature_px
    peaks, facts = signal.find_peaks(height, prominence=least)
    return peaks, {name: facts[name] for name in ("left_bases", "right_bases")}


def _around(motion: Motion, height: Array, peak: int, left: int, right: int) -> Window | None:
    reach = round(LONGEST_FLIGHT_SECONDS * motion.rate_hz)
    left, right = max(left, peak - reach), min(right, peak + reach)
    ground = max(float(height[left:peak].min()), float(height[peak + 1 : right + 1].min()))
    half = (float(height[peak]) + ground) / 2
    rises = left + int(np.flatnonzero(height[left : peak + 1] < half)[-1])
    falls = peak + int(np.flatnonzero(height[peak : right + 1] < half)[0])
    # A parabola spends the share √½ of its time above half its height.
    seconds = (falls - rises) / motion.rate_hz * np.sqrt(2)
    if seconds > LONGEST_FLIGHT_SECONDS:
        return None
    middle = (rises + falls) / 2 / motion.rate_hz
    return Window(start_seconds=middle - seconds / 2, end_seconds=middle + seconds / 2)
