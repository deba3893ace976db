"""When both feet left the ground together, roughly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: Feet must rise this share of the stature to be a candidate (a flight of about 0.2 s).
LEAST_RISE_PER_STATURE = 0.025
#: Nobody flies longer (a height of 1.5 m).
LONGEST_FLIGHT_SECONDS = 1.1
#: Feet that are up at a rim of the clip fly if they moved in this time; others stand on something.
RIM_SECONDS = 0.2
#: The lowest box that counts (about 12 cm), in statures.
LEAST_BOX_PER_STATURE = 0.07


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A rough flight, seconds from the clip's first frame."""

    start_seconds: float
    end_seconds: float


def windows(motion: Motion) -> list[Window]:
    """Rough flights, in order: where both feet rise and come down again."""
    height = motion.low_foot
    found = (
        _around(motion, height, *hill)
        for hill in hills(height, LEAST_RISE_PER_STATURE * motion.stature_px)
    )
    return [window for window in found if window is not None]


def cut_short(motion: Motion) -> list[Window]:
    """Where both feet are in the air while the clip begins or ends, so that an event is missing."""
    end = float(motion.seconds[-1])
    early, late = (
        _in_the_air(motion, height) / motion.rate_hz
        for height in (motion.low_foot, motion.low_foot[::-1])
    )
    found = [Window(start_seconds=0.0, end_seconds=early)] if early else []
    return found + ([Window(start_seconds=end - late, end_seconds=end)] if late else [])


def begins_in_the_air(motion: Motion) -> bool:
    """Whether both feet fly in the clip's first frame."""
    return _in_the_air(motion, motion.low_foot) > 0


def _in_the_air(motion: Motion, height: Array) -> int:
    """For how many samples from the first the feet fly, 0 if they stand."""
    least = LEAST_RISE_PER_STATURE * motion.stature_px
    rim = height[: round(RIM_SECONDS * motion.rate_hz) + 1]
    samples = int(np.argmax(np.append(height < least, True)))
    short_enough = samples <= LONGEST_FLIGHT_SECONDS * motion.rate_hz
    return samples if short_enough and np.ptp(rim) > least else 0


def foot_level(motion: Motion, start: float, end: float) -> float:
    """How high the lower foot is in a stretch of time, px, in the median."""
    return float(np.median(motion.low_foot[motion.at(start) : motion.at(end) + 1]))


def feet_rise(motion: Motion) -> bool:
    """Whether both feet ever rise and come down again, however slowly."""
    return any(hills(motion.low_foot, LEAST_RISE_PER_STATURE * motion.stature_px))


def hills(height: Array, least: float) -> Iterator[tuple[int, int, int]]:
    """Valley, peak and valley (samples) of each rise by at least `least` that is undone again."""
    slopes = np.sign(np.diff(height))
    turns = [0, *(np.flatnonzero(np.diff(slopes)) + 1).tolist(), len(height) - 1]
    valley = top = end = 0
    climbing = True
    for at in turns:
        here = height[at]
        if climbing and height[top] - max(here, height[valley]) >= least:
            climbing, end = False, at
        elif climbing:
            valley, top = (at, at) if here < height[valley] else (valley, top)
            top = at if here > height[top] else top
        elif here < height[end]:
            end = at
        elif here - height[end] >= least:
            yield valley, top, end
            climbing, valley, top = True, end, at
    if not climbing:
        yield valley, top, end


def _around(motion: Motion, height: Array, left: int, peak: int, right: int) -> Window | None:
    reach = max(1, round(LONGEST_FLIGHT_SECONDS * motion.rate_hz))
    left, right = max(left, peak - reach), min(right, peak + reach)
    ground = max(float(height[left:peak].min()), float(height[peak + 1 : right + 1].min()))
    if ground >= height[peak]:
        return None
    half = (float(height[peak]) + ground) / 2
    rises = left + int(np.flatnonzero(height[left : peak + 1] < half)[-1])
    falls = peak + int(np.flatnonzero(height[peak : right + 1] < half)[0])
    # A parabola spends the share √½ of its time above half its height.
    seconds = (falls - rises) / motion.rate_hz * np.sqrt(2)
    if seconds > LONGEST_FLIGHT_SECONDS:
        return None
    middle = (rises + falls) / 2 / motion.rate_hz
    return Window(start_seconds=middle - seconds / 2, end_seconds=middle + seconds / 2)
