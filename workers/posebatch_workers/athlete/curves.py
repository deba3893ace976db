"""What is the value of a body track between the moments where it is stated?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BPoly
from scipy.optimize import brentq

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knot:
    """Value, velocity and acceleration of one track at one moment."""

    at: float
    value: float
    velocity: float = 0.0
    acceleration: float = 0.0


class Curve:
    """Quintic through knots: exact for free fall and for stretches of constant jerk.

    Before the first and after the last knot the value is held.
    """

    def __init__(self, knots: Sequence[Knot]) -> None:
        self._first, self._last = knots[0].at, knots[-1].at
        states = [[k.value, k.velocity, k.acceleration] for k in knots]
        self._constant = knots[0].value
        self._poly = BPoly.from_derivatives([k.at for k in knots], states) if knots[1:] else None

    def __call__(self, times: Array) -> Array:
        if self._poly is None:
            return np.full(times.shape, self._constant)
        return np.asarray(self._poly(np.clip(times, self._first, self._last)), dtype=np.float64)


def constant_jerk(start: Knot, *, seconds: float, acceleration: float) -> Knot:
    """The knot `seconds` later, if acceleration changes evenly to `acceleration`."""
    jerk = (acceleration - start.acceleration) / seconds
    gained = start.acceleration * seconds + jerk * seconds**2 / 2
    moved = start.velocity * seconds + start.acceleration * seconds**2 / 2 + jerk * seconds**3 / 6
    return Knot(
        at=start.at + seconds,
        value=start.value + moved,
        velocity=start.velocity + gained,
        acceleration=acceleration,
    )


def push_off(
    *, low: float, high: float, speed: float, gravity: float, onset_seconds: float
) -> list[Knot]:
    """Rise from rest at `low` to `high` with `speed` there, as a person pushes off.

    Even acceleration, which fades to free fall in the last moments (the force on the ground ends at
    zero). With `onset_seconds` the acceleration grows from zero first. Times start at 0.
    """
    fade_seconds = min(0.06, 0.4 * (high - low) / speed)

    def knots(acceleration: float) -> list[Knot]:
        onset = [Knot(at=0.0, value=low, acceleration=0.0 if onset_seconds else acceleration)]
        if onset_seconds:
            onset.append(constant_jerk(onset[0], seconds=onset_seconds, acceleration=acceleration))
        lost = (gravity - acceleration) * fade_seconds / 2
        even_seconds = max((speed + lost - onset[-1].velocity) / acceleration, 1e-6)
        even = constant_jerk(onset[-1], seconds=even_seconds, acceleration=acceleration)
        return [
            *onset,
            even,
            constant_jerk(even, seconds=fade_seconds, acceleration=-gravity),
        ]

    most = (2 * speed + gravity * fade_seconds) / (fade_seconds + onset_seconds)
    acceleration = brentq(lambda a: knots(a)[-1].value - high, 0.05, most, xtol=1e-12)
    return knots(float(acceleration))


def shifted(knots: Sequence[Knot], seconds: float) -> list[Knot]:
    """The same knots, later."""
    return [
        Knot(at=k.at + seconds, value=k.value, velocity=k.velocity, acceleration=k.acceleration)
        for k in knots
    ]


def reversed_in_time(knots: Sequence[Knot]) -> list[Knot]:
    """The same way backwards, starting at time 0: a push-off becomes a landing."""
    end = knots[-1].at
    return [
        Knot(at=end - k.at, value=k.value, velocity=-k.velocity, acceleration=k.acceleration)
        for k in reversed(knots)
    ]
