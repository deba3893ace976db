"""The true jumps of drawn clips, as the analysis fits them before any bias is undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from accuracy_tracks import Tracked

from posebatch_workers.analysis.bias import TrackerBias
from posebatch_workers.analysis.drops import drop_before
from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.flights import Window, windows
from posebatch_workers.analysis.motion import Motion
from posebatch_workers.analysis.search import look
from posebatch_workers.athlete.clip import JumpTruth
from posebatch_workers.timing import StageTimer


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One jump as it was fitted, with its true instants in seconds from the first frame."""

    motion: Motion
    aloft: list[Window]
    flight: Flight
    rising_seconds: float
    falling_seconds: float
    touchdown_late_seconds: float

    @property
    def seconds(self) -> float:
        """True flight time."""
        return self.rising_seconds + self.falling_seconds


def samples_of(clip: Tracked, bias: TrackerBias) -> Iterator[Sample]:
    """The true jumps of the clip that were found, as the toes' kinks and the trunk tell them."""
    seen = look(clip.sequence, "auto", None, bias, StageTimer())
    first, aloft = float(clip.sequence.pts_seconds[0]), windows(seen.motion)
    for flight in seen.flights:
        apex = flight.fall.apex_seconds + first
        for jump in clip.truth.jumps:
            if jump.takeoff_seconds < apex < jump.landing_seconds:
                yield _sample(seen.motion, aloft, flight, jump, apex, bias)


def _sample(
    motion: Motion,
    aloft: list[Window],
    flight: Flight,
    truth: JumpTruth,
    apex: float,
    bias: TrackerBias,
) -> Sample:
    drop = drop_before(motion, flight, 0.0, replace(bias, touchdown_seconds=0.0))
    first = apex - flight.fall.apex_seconds
    fitted = replace(
        flight,
        rising_seconds=flight.takeoff.from_apex_seconds,
        falling_seconds=flight.landing.from_apex_seconds,
    )
    return Sample(
        motion=motion,
        aloft=aloft,
        flight=fitted,
        rising_seconds=apex - truth.takeoff_seconds,
        falling_seconds=truth.landing_seconds - apex,
        touchdown_late_seconds=drop.touchdown_seconds + first - truth.touchdown_seconds
        if drop and truth.touchdown_seconds is not None
        else np.nan,
    )
