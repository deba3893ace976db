"""By how much each tracker sees take-off and landing too late, measured on drawn clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerBias:
    """What is taken off the numbers found in a tracker's poses, and how much error is left.

    Events are found so many seconds too late (take-off, landing, touchdown); a view from the side,
    where one foot hides the other, lengthens the feet's and the trunk's flight by the side_… terms.
    At take-off, on tiptoe, the trunk is rise_per_stature higher than in standing. The sd terms are
    what no fit of a single clip shows; foot_jitter_factor and trunk_residual_factor say how many
    times the noise seen in a clip's feet and trunk shows up in the flight time.
    """

    takeoff_seconds: float
    landing_seconds: float
    touchdown_seconds: float
    side_feet_seconds: float
    side_trunk_seconds: float
    feet_sd_seconds: float
    foot_jitter_factor: float
    rise_per_stature: float
    rise_sd_per_stature: float
    trunk_residual_factor: float
    measured: str


UNKNOWN = TrackerBias(
    takeoff_seconds=0.0,
    landing_seconds=0.0,
    touchdown_seconds=0.0,
    side_feet_seconds=0.0,
    side_trunk_seconds=0.0,
    feet_sd_seconds=0.010,
    foot_jitter_factor=3.0,
    rise_per_stature=0.045,
    rise_sd_per_stature=0.010,
    trunk_residual_factor=5.0,
    measured="not measured for this tracker",
)

_BLAZEPOSE = TrackerBias(
    takeoff_seconds=-0.004,
    landing_seconds=0.003,
    touchdown_seconds=0.026,
    side_feet_seconds=0.009,
    side_trunk_seconds=-0.007,
    feet_sd_seconds=0.0075,
    foot_jitter_factor=3.6,
    rise_per_stature=0.047,
    rise_sd_per_stature=0.0065,
    trunk_residual_factor=4.0,
    measured="blazepose lite, 222 jumps of drawn clips, 24 to 240 frames/s, with other seeds than "
    "the accuracy benchmark's",
)

_MEDIAPIPE = TrackerBias(
    takeoff_seconds=0.0,
    landing_seconds=0.016,
    touchdown_seconds=0.020,
    side_feet_seconds=0.0,
    side_trunk_seconds=-0.006,
    feet_sd_seconds=0.012,
    foot_jitter_factor=3.6,
    rise_per_stature=0.052,
    rise_sd_per_stature=0.010,
    trunk_residual_factor=4.0,
    measured="mediapipe lite in its video mode, 70 jumps of drawn clips, 30 to 120 frames/s",
)

#: By the tracker's family: the larger models of one family are taken to err like its lite one.
BIASES: Mapping[str, TrackerBias] = MappingProxyType(
    {"blazepose": _BLAZEPOSE, "mediapipe": _MEDIAPIPE}
)


def bias_of(tracker: str) -> TrackerBias:
    """The bias of the tracker of this name (TrackerInfo.name), `UNKNOWN` if nobody measured it."""
    return BIASES.get(tracker.partition("-")[0], UNKNOWN)
