"""Which flights are in a clip, at which speed of play, and why others were not believed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from posebatch_shared.poses import PoseSequence
from posebatch_workers.analysis import agreement, events, flights, proof, scale, speed_changes
from posebatch_workers.analysis.bias import TrackerBias
from posebatch_workers.analysis.contacts import Pull
from posebatch_workers.analysis.findings import Kind
from posebatch_workers.analysis.motion import Motion, read
from posebatch_workers.timing import StageTimer


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the phases stage found at one speed of play.

    aloft: where the feet go up, whether or not that is a flight, and whether or not all is seen.
    free_pull_px_s2 is gravity as the flights alone tell it, without the athlete's size; misfit says
    that it does not fit that size.
    """

    motion: Motion
    slow_motion: float
    aloft: list[flights.Window]
    flights: list[events.Flight]
    free_pull_px_s2: float | None
    misfit: str | None
    objections: list[str]


def look(
    sequence: PoseSequence,
    kind: Kind,
    slow_motion: float | None,
    bias: TrackerBias,
    timer: StageTimer,
    athlete_height_m: float | None = None,
) -> Seen:
    """Flights at the given speed of play, or at the first speed at which something falls freely;
    without any, what there is at the first at which a jump is seen badly, or at real speed."""
    speeds = (slow_motion,) if slow_motion else scale.speeds_to_try(sequence)
    tried: list[Seen] = []
    for speed in speeds:
        with timer.stage("smooth"):
            motion = read(sequence, slow_motion=speed)
        with timer.stage("phases"):
            seen = _flights(motion, speed, kind, bias, athlete_height_m)
        if kind == "pose":
            return seen
        if seen.flights:
            return _with_other_speeds(seen)
        tried.append(seen)
        if not flights.feet_rise(motion):
            break
    badly = (seen for seen in tried if proof.SEEN_BADLY.intersection(seen.objections))
    return _with_other_speeds(next(badly, tried[0]))


def _with_other_speeds(seen: Seen) -> Seen:
    """With a word for jumps that a clip plays at another speed, as phones slow down a part."""
    found = list(speed_changes.elsewhere(seen.motion, seen.flights))
    return replace(
        seen,
        aloft=seen.aloft + [window for window, _ in found],
        objections=seen.objections + [words for _, words in found],
    )


def _flights(
    motion: Motion, speed: float, kind: Kind, bias: TrackerBias, athlete_height_m: float | None
) -> Seen:
    aloft, cut = flights.windows(motion), flights.cut_short(motion)
    found, objections = _believed(motion, aloft if kind != "pose" else [], speed, bias)
    if kind != "pose":
        objections += [proof.CUT_SHORT for _ in cut]
    common = scale.common_pull(list(found.values()))
    again = _in_known_gravity(motion, found, common, aloft, bias, athlete_height_m)
    off = scale.clock_off(motion, common, athlete_height_m)
    return Seen(
        motion=motion,
        slow_motion=speed,
        aloft=aloft + cut,
        flights=[_doubted(flight, off) for flight in again],
        free_pull_px_s2=scale.mean_pull_px_s2(list(found.values())),
        misfit=scale.misfit(motion, common, athlete_height_m),
        objections=objections,
    )


def _believed(
    motion: Motion, aloft: list[flights.Window], speed: float, bias: TrackerBias
) -> tuple[dict[flights.Window, events.Flight], list[str]]:
    """The flights that are jumps, by their windows, and why the others are none."""
    found, objections = {}, []
    for window in aloft:
        fitted = events.fit(motion, window)
        if fitted is None:
            objections.append(proof.NOT_TOLD)
            continue
        flight = agreement.agreed(motion, fitted, aloft, bias)
        objection = proof.objection(motion, flight, speed)
        if objection:
            objections.append(objection)
        else:
            found[window] = flight
    return found, objections


def _in_known_gravity(
    motion: Motion,
    found: dict[flights.Window, events.Flight],
    common: Pull | None,
    aloft: list[flights.Window],
    bias: TrackerBias,
    athlete_height_m: float | None,
) -> list[events.Flight]:
    """The flights again, with the pull that all of them and the athlete's size tell together."""
    expected = scale.expected_pull(motion, athlete_height_m)
    again = []
    for window, alone in found.items():
        pull = (common or alone.fall.pull).weighed_with(expected)
        fitted = events.fit(motion, window, pull)
        flight = agreement.agreed(motion, fitted, aloft, bias) if fitted else alone
        again.append(flight if proof.shown_whole(motion, flight) else alone)
    return one_at_a_time(again)


def _doubted(flight: events.Flight, off: float) -> events.Flight:
    """The flight by a clock of which this share may be wrong."""
    sd_seconds = float(np.hypot(flight.sd_seconds, off * flight.seconds))
    return replace(flight, sd_seconds=sd_seconds)


def one_at_a_time(found: list[events.Flight]) -> list[events.Flight]:
    """The flights in order; of those that overlap, the surest.

    Feet that dip in the air for a moment make two windows, whose fits may be the same flight.
    """
    kept: list[events.Flight] = []
    for flight in sorted(found, key=lambda flight: flight.sd_seconds):
        if not any(_overlap(flight, other) for other in kept):
            kept.append(flight)
    return sorted(kept, key=lambda flight: flight.takeoff_seconds)


def _overlap(one: events.Flight, other: events.Flight) -> bool:
    return (
        one.takeoff_seconds < other.landing_seconds and other.takeoff_seconds < one.landing_seconds
    )
