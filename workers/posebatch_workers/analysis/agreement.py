"""What flight time do the feet and the trunk agree on, and how well?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from posebatch_workers.analysis.bias import TrackerBias
from posebatch_workers.analysis.events import TRUNK_MARGIN, Flight, between
from posebatch_workers.analysis.flights import low_foot
from posebatch_workers.analysis.motion import Motion

#: Their height over standing is steadier than that of the hips.
UPPER_BODY = ("nose", "left_shoulder", "right_shoulder")
#: Feet this near (in statures) to where they are before take-off stand on the same ground.
SAME_GROUND_PER_STATURE = 0.04
#: The trunk stands at this percentile of its heights over that ground.
STANDING_PERCENTILE = 90
#: Shoulders closer together than this share of the trunk's length: a view from the side.
SIDE_VIEW = 0.25
#: A trunk that does not rise over its standing height flew for no time, and not for a negative one.
LEAST_RISE_PX = 1.0
#: The noise of the feet is looked at from so long before take-off to so long after landing.
AROUND_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A flight time and its standard deviation, seconds."""

    seconds: float
    sd_seconds: float


def agreed(motion: Motion, flight: Flight, bias: TrackerBias) -> Flight:
    """The flight with the tracker's bias undone and the trunk's word weighed in.

    The trunk says how high it rose over standing, in units of the gravity that it feels; with the
    rise on tiptoe taken off, that is g·t²/8. The two estimates are weighed by their variances; if
    they are further apart than these allow, the deviation grows by as much (R. T. Birge, 1932).
    """
    feet, trunk = _from_feet(motion, flight, bias), _from_trunk(motion, flight, bias)
    both = _weighed(feet, trunk) if trunk else feet
    shift = (both.seconds - flight.seconds + bias.landing_seconds - bias.takeoff_seconds) / 2
    takeoff, landing = flight.takeoff.from_apex_seconds, flight.landing.from_apex_seconds
    return replace(
        flight,
        takeoff=replace(flight.takeoff, from_apex_seconds=takeoff + bias.takeoff_seconds + shift),
        landing=replace(flight.landing, from_apex_seconds=landing - bias.landing_seconds + shift),
        sd_seconds=both.sd_seconds,
        disagreement_seconds=abs(feet.seconds - trunk.seconds) if trunk else None,
    )


def _weighed(feet: Estimate, trunk: Estimate) -> Estimate:
    weights = np.array([feet.sd_seconds, trunk.sd_seconds]) ** -2.0
    seconds = float(np.average([feet.seconds, trunk.seconds], weights=weights))
    apart = abs(feet.seconds - trunk.seconds) / np.hypot(feet.sd_seconds, trunk.sd_seconds)
    return Estimate(seconds=seconds, sd_seconds=float(max(1.0, apart) / np.sqrt(weights.sum())))


def _from_feet(motion: Motion, flight: Flight, bias: TrackerBias) -> Estimate:
    side = _from_the_side(motion)
    jitter = _jitter_px(motion, flight) / _speed_px_s(flight)
    sds = (
        1.5 * flight.fitted_sd_seconds,
        bias.feet_sd_seconds,
        bias.foot_jitter_factor * jitter,
    )
    late = bias.landing_seconds - bias.takeoff_seconds + side * bias.side_feet_seconds
    return Estimate(seconds=flight.seconds - late, sd_seconds=float(np.linalg.norm(sds)))


def _speed_px_s(flight: Flight) -> float:
    """How fast the body leaves the ground."""
    return flight.fall.gravity_px_s2 * flight.seconds / 2


def _jitter_px(motion: Motion, flight: Flight) -> float:
    """Noise of the toes around the flight: what three differences leave of their heights."""
    first, last = flight.takeoff_seconds - AROUND_SECONDS, flight.landing_seconds + AROUND_SECONDS
    _, height = between(motion, motion.toe_nodes, first, last)
    # The third difference of white noise has 20 times its variance.
    return float(np.std(np.diff(height, 3)) / np.sqrt(20)) if len(height) > 5 else 0.0


def _from_trunk(motion: Motion, flight: Flight, bias: TrackerBias) -> Estimate | None:
    standing = _standing_height_px(motion, flight)
    if standing is None:
        return None
    fall = flight.fall
    margin = TRUNK_MARGIN * flight.seconds
    seconds, height = between(
        motion, UPPER_BODY, flight.takeoff_seconds + margin, flight.landing_seconds - margin
    )
    top = np.mean(height + fall.gravity_px_s2 / 2 * (seconds - fall.apex_seconds) ** 2)
    rise = float(top) - standing - bias.rise_per_stature * motion.stature_px
    flew = float(np.sqrt(8 * max(rise, LEAST_RISE_PX) / fall.gravity_px_s2))
    sds = (
        bias.rise_sd_per_stature * motion.stature_px * 4 / (fall.gravity_px_s2 * flew),
        bias.trunk_residual_factor * fall.residual_px / _speed_px_s(flight),
    )
    late = _from_the_side(motion) * bias.side_trunk_seconds
    return Estimate(seconds=flew - late, sd_seconds=float(np.linalg.norm(sds)))


def _standing_height_px(motion: Motion, flight: Flight) -> float | None:
    """Height of the standing trunk over the ground that the athlete jumped from, px."""
    feet = low_foot(motion)
    trunk = np.mean([motion.track(node)[:, 1] for node in UPPER_BODY], axis=0)
    takeoff = flight.takeoff_seconds
    ground = np.median(feet[motion.at(takeoff - 0.15) : motion.at(takeoff - 0.05) + 1])
    same_ground = np.abs(feet - ground) < SAME_GROUND_PER_STATURE * motion.stature_px
    same_ground[motion.at(takeoff - 0.12) : motion.at(flight.landing_seconds + 0.05)] = False
    if same_ground.sum() < 0.2 * motion.rate_hz:
        return None
    return float(np.percentile(trunk[same_ground], STANDING_PERCENTILE))


def _from_the_side(motion: Motion) -> bool:
    across = np.abs(motion.track("left_shoulder") - motion.track("right_shoulder"))[:, 0]
    trunk = np.linalg.norm(motion.middle("shoulder") - motion.middle("hip"), axis=1)
    return bool(np.median(across / np.maximum(trunk, 1e-6)) < SIDE_VIEW)
