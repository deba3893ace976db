"""What do the witnesses of take-off and landing agree on, and how well?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis import witnesses
from posebatch_workers.analysis.bias import TrackerBias, Witness
from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.flights import Window
from posebatch_workers.analysis.motion import Motion

Array = NDArray[np.float64]

#: A witness that is so far off counts half, one further off hardly (A. L. Cauchy's weights), so
#: that one landmark gone astray does not drag the others along.
HALF_TRUSTED_SECONDS = 0.012
ROUNDS = 5
#: How far an event may be off that no witness tells.
UNTOLD_SECONDS = 0.05
#: Noise and visibility of the feet are looked at from so long before take-off to so long after
#: landing.
AROUND_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Seconds between apex and event, and how far the witnesses are apart about it."""

    from_apex_seconds: float
    apart_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What may be wrong with a flight time: see `bias.Spread`."""

    apart_seconds: float
    gravity_seconds: float
    jitter_seconds: float
    hidden_share: float


def agreed(motion: Motion, flight: Flight, aloft: Sequence[Window], bias: TrackerBias) -> Flight:
    """The flight that the witnesses agree on, with its standard deviation. `aloft`: where the feet
    rise, in this flight and elsewhere."""
    told = _told(motion, flight, aloft, bias)
    takeoff, landing = _verdicts(flight, told, bias)
    spread, doubts = bias.spread, _doubts(motion, flight, takeoff, landing)
    sds = (
        spread.base_seconds,
        spread.apart * doubts.apart_seconds,
        spread.gravity * doubts.gravity_seconds,
        spread.jitter * doubts.jitter_seconds,
        spread.hidden_seconds * doubts.hidden_share,
    )
    return replace(
        flight,
        rising_seconds=takeoff.from_apex_seconds,
        falling_seconds=landing.from_apex_seconds,
        sd_seconds=float(np.linalg.norm(sds)),
        disagreement_seconds=_disagreement(told[0] + told[1], bias.takeoff),
    )


def doubts_of(motion: Motion, flight: Flight, aloft: Sequence[Window], bias: TrackerBias) -> Doubts:
    """How far each of the things that widen the interval goes in this flight."""
    takeoff, landing = _verdicts(flight, _told(motion, flight, aloft, bias), bias)
    return _doubts(motion, flight, takeoff, landing)


def _verdicts(
    flight: Flight, told: tuple[Array, Array], bias: TrackerBias
) -> tuple[Verdict, Verdict]:
    """What is agreed about both events; where nobody tells, what is roughly known, in doubt."""
    takeoff, landing = verdict(told[0], bias.takeoff), verdict(told[1], bias.landing)
    return (
        takeoff or Verdict(from_apex_seconds=flight.rising_seconds, apart_seconds=UNTOLD_SECONDS),
        landing or Verdict(from_apex_seconds=flight.falling_seconds, apart_seconds=UNTOLD_SECONDS),
    )


def _told(
    motion: Motion, flight: Flight, aloft: Sequence[Window], bias: TrackerBias
) -> tuple[Array, Array]:
    standing = witnesses.standing(motion, flight, aloft)
    return (
        witnesses.flew(motion, flight, bias.takeoff, standing, landing=False),
        witnesses.flew(motion, flight, bias.landing, standing, landing=True),
    )


def verdict(seconds: Array, who: Sequence[Witness]) -> Verdict | None:
    """The weighted mean of what the witnesses (W,) tell, less moved by those far off."""
    known = np.isfinite(seconds)
    if not known.any():
        return None
    told, weights = seconds[known], np.array([witness.weight for witness in who])[known]
    order = np.argsort(told)
    shares = weights[order].cumsum() / weights.sum()
    middle = float(told[order][np.searchsorted(shares, 0.5)])
    for _ in range(ROUNDS):
        apart = (told - middle) / HALF_TRUSTED_SECONDS
        middle = float(np.average(told, weights=weights / (1 + apart**2)))
    variance = float(np.average((told - middle) ** 2, weights=weights))
    return Verdict(from_apex_seconds=middle, apart_seconds=float(np.sqrt(variance)))


def _doubts(motion: Motion, flight: Flight, takeoff: Verdict, landing: Verdict) -> Doubts:
    pull = flight.fall.pull
    return Doubts(
        apart_seconds=float(np.hypot(takeoff.apart_seconds, landing.apart_seconds)),
        gravity_seconds=flight.seconds * pull.sd_px_s2 / (2 * pull.px_s2),
        jitter_seconds=2 * _jitter_px(motion, flight) / (pull.px_s2 * flight.seconds),
        hidden_share=1.0 - motion.feet_visibility(*_around(flight)),
    )


def _around(flight: Flight) -> tuple[float, float]:
    return flight.takeoff_seconds - AROUND_SECONDS, flight.landing_seconds + AROUND_SECONDS


def _jitter_px(motion: Motion, flight: Flight) -> float:
    """Noise of the toes around the flight: what three differences leave of their heights."""
    _, height = motion.between(motion.toe_nodes, *_around(flight))
    # The third difference of white noise has 20 times its variance.
    return float(np.std(np.diff(height, 3)) / np.sqrt(20)) if len(height) > 5 else 0.0


def _disagreement(seconds: Array, who: Sequence[Witness]) -> float | None:
    """How far the flight times (W,) of the upper body and of the nearer of the feet's two witnesses
    are apart: one of these may go astray, but feet that fly with the body agree by the other."""
    told = dict(zip((witness.part for witness in who), seconds, strict=True))
    upper = np.mean([told["nose"], told["shoulder"]])
    apart = np.abs(np.array([told[witnesses.KINK], told["ankle"]]) - upper)
    return float(np.nanmin(apart)) if np.isfinite(apart).any() else None
