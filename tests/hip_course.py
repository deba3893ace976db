"""Hip height over time, as smooth pieces between instants that are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRAVITY = 9.81
HIP_M = 0.93


@dataclass
class Course:
    """Hip height above the last ground, m, as quintic pieces between knots."""

    knots: list[tuple[float, float, float, float]] = field(default_factory=list)
    takeoffs: list[float] = field(default_factory=list)
    landings: list[float] = field(default_factory=list)
    touchdowns: list[float] = field(default_factory=list)
    box_m: float = 0.0
    step_off: float = -1.0
    left_box: float = -1.0

    def to(self, after: float, height: float, velocity: float = 0.0, acc: float = 0.0) -> None:
        """The hips are `after` seconds later at this height, velocity and acceleration."""
        start = self.knots[-1][0] if self.knots else 0.0
        self.knots.append((start + after, height, velocity, acc))

    def jump(self, height: float) -> None:
        """Free fall up and down from the pose that the last knot has."""
        flight = 2 * np.sqrt(2 * height / GRAVITY)
        last = self.knots[-1]
        self.takeoffs.append(last[0])
        self.landings.append(last[0] + flight)
        self.to(flight, last[1], -last[2], -GRAVITY)

    def land(self) -> None:
        """Give way, and rise to standing again."""
        self.to(0.18, HIP_M - 0.2, 0.0, 10.0)
        self.to(0.6, HIP_M)

    def hips(self, seconds: Array) -> Array:
        """Hip height at these times."""
        height = np.full(len(seconds), self.knots[0][1])
        for start, end in zip(self.knots, self.knots[1:], strict=False):
            inside = (seconds >= start[0]) & (seconds <= end[0])
            height[inside] = _quintic(start, end)(seconds[inside] - start[0])
        height[seconds > self.knots[-1][0]] = self.knots[-1][1]
        return height

    @property
    def seconds(self) -> float:
        return self.knots[-1][0]

    @property
    def motion_seconds(self) -> tuple[float, float]:
        """From the first movement to the last."""
        moving = [
            (left[0], right[0]) for left, right in pairwise(self.knots) if left[1] != right[1]
        ]
        return moving[0][0], moving[-1][1]


def _quintic(start: tuple[float, ...], end: tuple[float, ...]) -> np.polynomial.Polynomial:
    t = end[0] - start[0]
    rows = [[t**3, t**4, t**5], [3 * t**2, 4 * t**3, 5 * t**4], [6 * t, 12 * t**2, 20 * t**3]]
    known = np.array(
        [
            end[1] - start[1] - start[2] * t - start[3] * t**2 / 2,
            end[2] - start[2] - start[3] * t,
            end[3] - start[3],
        ]
    )
    return np.polynomial.Polynomial(
        [start[1], start[2], start[3] / 2, *np.linalg.solve(rows, known)]
    )
