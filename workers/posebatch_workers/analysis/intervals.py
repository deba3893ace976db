"""Between which values does the truth lie in nine of ten clips?"""

from __future__ import annotations

from posebatch_workers.analysis.events import GRAVITY_M_S2
from posebatch_workers.analysis.findings import Interval

#: Two-sided 90 % of Student's distribution with 6 degrees of freedom, which is how the errors of
#: drawn clips are spread: a few are much larger than the rest.
NINETY = 1.943


def around(value: float, sd: float) -> Interval:
    """90 % interval of a time, never below zero."""
    return max(0.0, value - NINETY * sd), value + NINETY * sd


def height_interval_m(flight_time: Interval) -> Interval:
    """The same interval carried through g·t²/8."""
    low, high = flight_time
    return GRAVITY_M_S2 * low**2 / 8, GRAVITY_M_S2 * high**2 / 8
