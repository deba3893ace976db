"""How large a pixel is, and how much slower than life the clip plays: both follow from gravity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from posebatch_shared.poses import PoseSequence
from posebatch_workers.analysis.contacts import Pull
from posebatch_workers.analysis.events import GRAVITY_M_S2, Flight
from posebatch_workers.analysis.motion import Motion
from posebatch_workers.analysis.smoothing import longest_rate_hz

#: Slow motion that telephones export: 60, 120, 240, 480 and 960 frames/s shown at 30. Shown at 25
#: or 24 it would be so near to these that an athlete's height would have to be known.
SLOW_MOTIONS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
FASTEST_CAMERA_HZ = 1000.0
SHORTEST_CLIP_SECONDS = 0.7

#: Pulls of one clip's flights that differ by more than this share are not the same.
MOST_PULLS_APART = 0.25
#: Statures of people who jump, and how far (as a share) the scale is off that follows from the
#: usual and from a given one.
USUAL_STATURE_M, USUAL_SD, GIVEN_SD = 1.73, 0.08, 0.025
#: Gravity fits the given height to this share of it, and to so many standard deviations of itself
#: (of 219 drawn clips but one); without a given height it fits grown people.
MOST_MISFIT, MISFIT_DEVIATIONS = 0.14, 1.5
GROWN_M = (1.3, 2.15)
#: What times may be off, as a share, where pictures are missing with their time: one that is seen
#: to be missing is seldom the only one.
LEAPS_OFF = 0.1
NOT_THAT_TALL = "gravity does not fit the athlete's height: it or the clip's time is wrong"
NOT_GROWN = "by gravity a child or a giant jumps: give the height, or the clip's time is wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Metres per pixel: the best, and by two independent ways; None where a way is not open."""

    metres_per_pixel: float | None
    from_gravity: float | None
    from_stature: float | None


def measure(
    motion: Motion,
    flights: Sequence[Flight],
    free_pull_px_s2: float | None,
    athlete_height_m: float | None,
) -> Scale:
    """The scale of the picture where the athlete jumps: both ways together, and each alone."""
    pull = mean_pull_px_s2(flights)
    from_stature = athlete_height_m / motion.stature_px if athlete_height_m else None
    return Scale(
        metres_per_pixel=GRAVITY_M_S2 / pull if pull else from_stature,
        from_gravity=GRAVITY_M_S2 / free_pull_px_s2 if free_pull_px_s2 else None,
        from_stature=from_stature,
    )


def mean_pull_px_s2(flights: Sequence[Flight]) -> float | None:
    """Downward acceleration of the trunk, the longer flights counting more; None without any."""
    pulls = [flight.fall.pull.px_s2 for flight in flights]
    weights = [flight.seconds**4 for flight in flights]
    return float(np.average(pulls, weights=weights)) if pulls else None


def common_pull(flights: Sequence[Flight]) -> Pull | None:
    """Gravity from all flights of a clip, weighed by how well each tells it.

    None where their pulls are far from each other: not all of them at one place, or seen badly.
    """
    pulls = np.array([flight.fall.pull.px_s2 for flight in flights])
    if not len(pulls) or np.ptp(pulls) > MOST_PULLS_APART * np.median(pulls):
        return None
    # The variance of a parabola's bend falls with the fifth power of its length.
    weights = np.array([flight.seconds for flight in flights]) ** 5
    sds = np.array([flight.fall.pull.sd_px_s2 for flight in flights])
    return Pull(
        px_s2=float(np.average(pulls, weights=weights)),
        sd_px_s2=float(np.sqrt(np.sum((weights * sds) ** 2)) / weights.sum()),
    )


def expected_pull(motion: Motion, athlete_height_m: float | None) -> Pull:
    """Gravity in the picture as the athlete's size in it tells, before anything falls.

    Little if his height is not given, but more than a parabola of a few blurred frames.
    """
    height, sd = (athlete_height_m, GIVEN_SD) if athlete_height_m else (USUAL_STATURE_M, USUAL_SD)
    pull = GRAVITY_M_S2 * motion.stature_px / height
    return Pull(px_s2=pull, sd_px_s2=sd * pull)


def misfit(motion: Motion, pull: Pull | None, athlete_height_m: float | None) -> str | None:
    """Why the clip's clock is in doubt: gravity makes the athlete somebody of another height."""
    if pull is None:
        return None
    implied_m = implied_stature_m(motion, pull.px_s2)
    if athlete_height_m is None:
        return None if GROWN_M[0] < implied_m < GROWN_M[1] else NOT_GROWN
    blurred = MISFIT_DEVIATIONS * pull.sd_px_s2 / pull.px_s2
    apart = abs(implied_m / athlete_height_m - 1)
    return NOT_THAT_TALL if apart > max(MOST_MISFIT, blurred) else None


def clock_off(motion: Motion, pull: Pull | None, athlete_height_m: float | None) -> float:
    """By which share of it a time may be wrong: where pictures are missing, and where gravity does
    not fit a given height, which then is taken for right."""
    off = LEAPS_OFF * motion.leaps
    if pull and athlete_height_m and misfit(motion, pull, athlete_height_m):
        implied_m = implied_stature_m(motion, pull.px_s2)
        off = max(off, abs((athlete_height_m / implied_m) ** 0.5 - 1))
    return off


def implied_stature_m(motion: Motion, gravity_px_s2: float) -> float:
    """How tall the athlete would be if this pull were gravity at real speed."""
    return motion.stature_px * GRAVITY_M_S2 / gravity_px_s2


def speeds_to_try(sequence: PoseSequence) -> list[float]:
    """How many times slower than life the clip may play: real speed first, then the usual ones.

    Slowed k times, gravity looks k² times too weak and an athlete k² times too tall, so that a
    fall is only believed at the right speed.
    """
    duration = float(sequence.pts_seconds[-1] - sequence.pts_seconds[0])
    rate_hz = longest_rate_hz(sequence.pts_seconds)
    return [
        factor
        for factor in SLOW_MOTIONS
        if factor == 1.0
        or (rate_hz * factor <= FASTEST_CAMERA_HZ and duration / factor >= SHORTEST_CLIP_SECONDS)
    ]
