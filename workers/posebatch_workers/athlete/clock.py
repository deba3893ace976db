"""When is each picture of a clip taken, and when is it shown?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.athlete.curves import Array
from posebatch_workers.athlete.spec import ClipSpec

#: Ticks a second that the containers keep; 60 000 is whole for all usual frame rates, and MPEG-4
#: takes no more than 65 535.
_TICKS = {"mp4": 60_000, "mov": 60_000, "mkv": 1000, "webm": 1000}
_DROPPED, _JITTER = 0.08, 0.20


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Whole presentation times (F,) in `time_base` seconds, as they stand in the file."""

    ticks: NDArray[np.int64]
    time_base: Fraction
    slow_motion: float

    @property
    def pts_seconds(self) -> Array:
        """(F,) when the pictures are shown."""
        return np.asarray(self.ticks * float(self.time_base), dtype=np.float64)

    @property
    def taken_seconds(self) -> Array:
        """(F,) when the pictures are taken, in the time of the motion."""
        return self.pts_seconds / self.slow_motion


def clock_of(spec: ClipSpec, seconds: float) -> Clock:
    """The clock of a clip of a motion that lasts `seconds`."""
    rate = shown_rate(spec)
    time_base = Fraction(1, _TICKS[spec.container]) if spec.container in _TICKS else 1 / rate
    frames = np.arange(int(seconds * spec.fps), dtype=np.float64)
    if spec.variable_frame_rate:
        frames = _disturbed(frames, np.random.default_rng(spec.seed))
    ticks = np.round(frames / float(rate * time_base)).astype(np.int64)
    return Clock(ticks=ticks, time_base=time_base, slow_motion=spec.slow_motion)


def shown_rate(spec: ClipSpec) -> Fraction:
    """Frames per second in the file, if none is dropped."""
    return Fraction(spec.fps / spec.slow_motion).limit_denominator(1001)


def _disturbed(frames: Array, rng: np.random.Generator) -> Array:
    kept = rng.random(len(frames)) >= _DROPPED
    kept[[0, -1]] = True
    shaken = frames + rng.uniform(-_JITTER, _JITTER, len(frames))
    shaken[0] = 0.0
    return np.asarray(shaken[kept], dtype=np.float64)
