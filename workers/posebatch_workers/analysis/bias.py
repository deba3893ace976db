"""By how much each tracker errs about take-off and landing, measured on drawn clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What one part of the body tells about an event, and how much that weighs.

    front and side are, for the two kinds of view, the part's height over standing at the event, in
    statures; for the toes' kink they are seconds by which the event is found too far from the
    apex. The rise on tiptoe makes up most of the heights, the tracker's error the rest.

    gathered_seconds times the speed at which the legs are gathered before landing is how much
    lower the part is then: a body that lands with bent legs flies longer.
    """

    part: str
    front: float
    side: float
    weight: float
    gathered_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What the standard deviation of a flight time is made of: shares of five things, squared.

    base_seconds no clip shows; the others multiply how far the witnesses are apart, what the
    gravity's deviation does to the flight time, the noise of the feet over their speed, and the
    share of the feet that the tracker takes for hidden around the flight.
    """

    base_seconds: float
    apart: float
    gravity: float
    jitter: float
    hidden_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerBias:
    """What a tracker's poses show at take-off and landing, and how well that is known.

    A touchdown from a box is found touchdown_seconds too late.
    """

    takeoff: tuple[Witness, ...]
    landing: tuple[Witness, ...]
    touchdown_seconds: float
    spread: Spread
    measured: str


#: The rise on tiptoe, without anything that a tracker errs.
UNKNOWN = TrackerBias(
    takeoff=(
        Witness(part="kink", front=0.0, side=0.0, weight=0.25),
        Witness(part="nose", front=0.044, side=0.044, weight=0.25),
        Witness(part="shoulder", front=0.044, side=0.044, weight=0.25),
        Witness(part="ankle", front=0.044, side=0.044, weight=0.25),
    ),
    landing=(
        Witness(part="kink", front=0.0, side=0.0, weight=0.25, gathered_seconds=0.03),
        Witness(part="nose", front=0.044, side=0.044, weight=0.25, gathered_seconds=0.06),
        Witness(part="shoulder", front=0.044, side=0.044, weight=0.25, gathered_seconds=0.06),
        Witness(part="ankle", front=0.044, side=0.044, weight=0.25, gathered_seconds=0.03),
    ),
    touchdown_seconds=0.0,
    spread=Spread(base_seconds=0.008, apart=0.7, gravity=1.0, jitter=1.5),
    measured="not measured for this tracker",
)

_BLAZEPOSE = TrackerBias(
    takeoff=(
        Witness(part="kink", front=0.0014, side=0.0112, weight=0.15),
        Witness(part="nose", front=0.0447, side=0.0406, weight=0.37),
        Witness(part="shoulder", front=0.0524, side=0.0488, weight=0.29),
        Witness(part="ankle", front=0.0328, side=0.0452, weight=0.19),
    ),
    landing=(
        Witness(part="kink", front=0.0038, side=0.0113, weight=0.23, gathered_seconds=0.0304),
        Witness(part="nose", front=0.0390, side=0.0401, weight=0.28, gathered_seconds=0.0477),
        Witness(part="shoulder", front=0.0480, side=0.0517, weight=0.21, gathered_seconds=0.0617),
        Witness(part="ankle", front=0.0338, side=0.0500, weight=0.28, gathered_seconds=0.0306),
    ),
    touchdown_seconds=0.0193,
    spread=Spread(
        base_seconds=0.0027, apart=0.228, gravity=0.645, jitter=1.023, hidden_seconds=0.0151
    ),
    measured="blazepose lite, 168 jumps of drawn clips, 24 to 240 frames/s, with other seeds than "
    "the accuracy benchmark's",
)
#: Its video mode filters over time, so that the whole body comes late: low at take-off, high at
#: landing.
_MEDIAPIPE = TrackerBias(
    takeoff=(
        Witness(part="kink", front=-0.0043, side=0.0093, weight=0.15),
        Witness(part="nose", front=0.0353, side=0.0343, weight=0.37),
        Witness(part="shoulder", front=0.0432, side=0.0414, weight=0.29),
        Witness(part="ankle", front=0.0227, side=0.0339, weight=0.19),
    ),
    landing=(
        Witness(part="kink", front=0.0119, side=0.0206, weight=0.23, gathered_seconds=0.0462),
        Witness(part="nose", front=0.0496, side=0.0525, weight=0.28, gathered_seconds=0.0246),
        Witness(part="shoulder", front=0.0592, side=0.0623, weight=0.19, gathered_seconds=0.0183),
        Witness(part="ankle", front=0.0454, side=0.0605, weight=0.30, gathered_seconds=0.0380),
    ),
    touchdown_seconds=0.0212,
    spread=Spread(base_seconds=0.002, apart=0.376, gravity=0.551, jitter=0.882),
    measured="mediapipe lite in its video mode, 85 jumps of drawn clips, 24 to 240 frames/s",
)

#: By the tracker's family: the larger models of one family are taken to err like its lite one.
BIASES: Mapping[str, TrackerBias] = MappingProxyType(
    {"blazepose": _BLAZEPOSE, "mediapipe": _MEDIAPIPE}
)


def bias_of(tracker: str) -> TrackerBias:
    """The bias of the tracker of this name (TrackerInfo.name), `UNKNOWN` if nobody measured it."""
    return BIASES.get(tracker.partition("-")[0], UNKNOWN)
