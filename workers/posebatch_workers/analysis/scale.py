"""How large a pixel is, and how much slower than life the clip plays: both follow from gravity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.flights import GRAVITY_M_S2
from posebatch_workers.analysis.motion import Motion

#: What a person of unknown size is taken to measure: between tall men and small women.
TYPICAL_STATURE_M = 1.72
#: Slow motion that cameras export: 60, 120, 240, 480 and 960 frames/s shown at 30, 25 or 24.
SLOW_MOTIONS = (1.0, 2.0, 4.0, 5.0, 8.0, 10.0, 16.0, 32.0)
#: Statures that are believed; outside, what fell was not an athlete on Earth.
SMALLEST_STATURE_M, TALLEST_STATURE_M = 1.0, 2.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Metres per pixel by two independent ways, None where a way is not open."""

    from_gravity: float | None
    from_stature: float | None

    @property
    def metres_per_pixel(self) -> float | None:
        """Gravity's, which lies in the plane of the jump; the stature's where nobody fell."""
        return self.from_gravity or self.from_stature


def measure(motion: Motion, flights: list[Flight], athlete_height_m: float | None) -> Scale:
    """The scale of the picture where the athlete jumps."""
    gravity = median_gravity_px_s2(flights)
    return Scale(
        from_gravity=GRAVITY_M_S2 / gravity if gravity else None,
        from_stature=athlete_height_m / motion.stature_px if athlete_height_m else None,
    )


def median_gravity_px_s2(flights: list[Flight]) -> float | None:
    """Downward acceleration of the hips, the longer flights counting more; None without any."""
    pulls = [flight.hip_gravity_px_s2 for flight in flights if flight.hip_gravity_px_s2 > 0]
    weights = [flight.seconds**4 for flight in flights if flight.hip_gravity_px_s2 > 0]
    return float(np.average(pulls, weights=weights)) if pulls else None


def implied_stature_m(motion: Motion, gravity_px_s2: float) -> float:
    """How tall the athlete would be if this pull were gravity at real speed."""
    return motion.stature_px * GRAVITY_M_S2 / gravity_px_s2


def slow_motion(implied_stature: float, athlete_height_m: float | None) -> float:
    """How many times slower than life the clip plays, from the stature that gravity implies.

    Slowed k times, gravity looks k² times too weak and the athlete k² times too tall.
    """
    excess = np.log(implied_stature / (athlete_height_m or TYPICAL_STATURE_M))
    distance = [abs(excess - 2 * np.log(factor)) for factor in SLOW_MOTIONS]
    return SLOW_MOTIONS[int(np.argmin(distance))]
