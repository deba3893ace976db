"""By how much each tracker sees take-off and landing too late, measured on drawn clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerBias:
    """Seconds that are taken off the events found in a tracker's poses, and what is left.

    flight_sd_seconds is the error of the feet's flight time that no fit shows, side_sd_seconds
    what a view from the side adds, where one foot hides the other. rise_per_stature is how much
    higher than in standing the trunk is at take-off, on tiptoe; rise_sd_per_stature how much that
    differs between people and views.
    """

    takeoff_seconds: float
    landing_seconds: float
    touchdown_seconds: float
    flight_sd_seconds: float
    side_sd_seconds: float
    rise_per_stature: float
    rise_sd_per_stature: float
    measured: str

    def to_json(self) -> dict[str, Any]:
        """What was undone, for the record."""
        return {
            "takeoff_bias_seconds": self.takeoff_seconds,
            "landing_bias_seconds": self.landing_seconds,
            "touchdown_bias_seconds": self.touchdown_seconds,
            "measured": self.measured,
        }


UNKNOWN = TrackerBias(
    takeoff_seconds=0.0,
    landing_seconds=0.0,
    touchdown_seconds=0.0,
    flight_sd_seconds=0.012,
    side_sd_seconds=0.018,
    rise_per_stature=0.040,
    rise_sd_per_stature=0.015,
    measured="not measured for this tracker",
)

_BLAZEPOSE = TrackerBias(
    takeoff_seconds=-0.004,
    landing_seconds=0.003,
    touchdown_seconds=0.026,
    flight_sd_seconds=0.008,
    side_sd_seconds=0.016,
    rise_per_stature=0.039,
    rise_sd_per_stature=0.011,
    measured="blazepose lite on 140 drawn clips, 24 to 240 fps, other seeds than the benchmark's",
)

BIASES: Mapping[str, TrackerBias] = MappingProxyType({"blazepose": _BLAZEPOSE})


def bias_of(tracker: str) -> TrackerBias:
    """The bias of the tracker of this name (TrackerInfo.name), `UNKNOWN` if nobody measured it."""
    return BIASES.get(tracker, UNKNOWN)
