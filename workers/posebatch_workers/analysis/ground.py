"""Since when is the athlete on the ground from which he jumps?"""

from __future__ import annotations

from dataclasses import dataclass

from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.flights import LEAST_BOX_PER_STATURE, Window
from posebatch_workers.analysis.motion import Motion

#: So long before a flight the feet stand where they leave from, and so long after it they are down.
BESIDE_SECONDS, LANDED_SECONDS = 0.1, 0.3
#: Hips that rise by less (about 2 cm) do not hop.
LEAST_HOP_PER_STATURE = 0.0125


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The time on the ground that belongs to a jump, and whether it begins with a landing that is
    known to the frame, of an athlete who is seen from then on."""

    since_seconds: float
    landed: bool


def ground_before(
    motion: Motion, before: list[Flight], flight: Flight, aloft: list[Window]
) -> Ground:
    """What lies between a flight and those before it. `aloft`: where the feet rise, believed or
    not; a flight that is not believed ends what belongs to the jump before, too."""
    landing = before[-1].landing_seconds if before else 0.0
    others = [
        window.end_seconds
        for window in aloft
        if landing < window.start_seconds
        and window.end_seconds < flight.takeoff_seconds
        and _hops(motion, window)
    ]
    since = max([landing, *others])
    span = slice(motion.at(since), motion.at(flight.takeoff_seconds) + 1)
    lost = motion.any_lost(*motion.foot_nodes, "left_hip", "right_hip")[span]
    landed = bool(before) and not others and not lost.any()
    return Ground(since_seconds=since, landed=landed)


def hops_off(motion: Motion, flight: Flight) -> bool:
    """Whether the feet fall on where the flight would end on level ground, as from a box."""
    return _falls(motion, flight.takeoff_seconds, flight.landing_seconds)


def _hops(motion: Motion, window: Window) -> bool:
    """Whether the hips rise with the feet, and these come down to where they had left from; they
    only seem to rise while legs bend."""
    hips = motion.middle("hip")[:, 1]
    start, end = motion.at(window.start_seconds), motion.at(window.end_seconds)
    rise = hips[(start + end) // 2] - max(hips[start], hips[end])
    rises = rise > LEAST_HOP_PER_STATURE * motion.stature_px
    return bool(rises) and not _falls(motion, window.start_seconds, window.end_seconds)


def _falls(motion: Motion, start: float, end: float) -> bool:
    """Whether the feet are lower after they were up than before, by the height of a box."""
    before = motion.low_foot[motion.at(start - BESIDE_SECONDS)]
    after = motion.low_foot[motion.at(end) : motion.at(end + LANDED_SECONDS) + 1].min()
    return bool(before - after > LEAST_BOX_PER_STATURE * motion.stature_px)
