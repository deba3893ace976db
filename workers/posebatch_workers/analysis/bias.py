"""By how much each tracker sees take-off and landing too late, measured on drawn clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerBias:
    """Seconds that are taken off the events found in a tracker's poses, and their own spread.

    event_sd_seconds is the error of one event that the fit of a clip does not show by itself.
    """

    takeoff_seconds: float
    landing_seconds: float
    event_sd_seconds: float
    measured: str


UNKNOWN = TrackerBias(
    takeoff_seconds=0.0,
    landing_seconds=0.0,
    event_sd_seconds=0.010,
    measured="not measured for this tracker",
)

BIASES: Mapping[str, TrackerBias] = MappingProxyType({})


def bias_of(tracker: str) -> TrackerBias:
    """The bias of the tracker of this name (TrackerInfo.name), `UNKNOWN` if nobody measured it."""
    return BIASES.get(tracker, UNKNOWN)
