"""Which flights are in a clip, at which speed of play, and why others were not believed."""

from __future__ import annotations

from dataclasses import dataclass

from posebatch_shared.poses import PoseSequence
from posebatch_workers.analysis import agreement, events, flights, proof, scale
from posebatch_workers.analysis.bias import TrackerBias
from posebatch_workers.analysis.findings import Kind
from posebatch_workers.analysis.motion import Motion, read
from posebatch_workers.timing import StageTimer


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the phases stage found at one speed of play.

    free_pull_px_s2 is gravity as the flights alone tell it, without the athlete's size.
    """

    motion: Motion
    slow_motion: float
    aloft: list[flights.Window]
    flights: list[events.Flight]
    free_pull_px_s2: float | None
    objections: list[str]


def look(
    sequence: PoseSequence,
    kind: Kind,
    slow_motion: float | None,
    bias: TrackerBias,
    timer: StageTimer,
    athlete_height_m: float | None = None,
) -> Seen:
    """Flights at the given speed of play, or at the first speed at which something falls freely."""
    speeds = (slow_motion,) if slow_motion else scale.speeds_to_try(sequence)
    first: Seen | None = None
    for speed in speeds:
        with timer.stage("smooth"):
            motion = read(sequence, slow_motion=speed)
        with timer.stage("phases"):
            seen = _flights(motion, speed, kind, bias, athlete_height_m)
        first = first or seen
        if seen.flights or kind == "pose":
            return seen
        if not flights.feet_rise(motion):
            return first
    assert first is not None
    return first


def _flights(
    motion: Motion, speed: float, kind: Kind, bias: TrackerBias, athlete_height_m: float | None
) -> Seen:
    aloft = flights.windows(motion)
    found, objections = {}, []
    for window in aloft if kind != "pose" else []:
        fitted = events.fit(motion, window)
        if fitted is None:
            objections.append(proof.NOT_TOLD)
            continue
        flight = agreement.agreed(motion, fitted, bias)
        objection = proof.objection(motion, flight, speed)
        if objection:
            objections.append(objection)
        else:
            found[window] = flight
    return Seen(
        motion=motion,
        slow_motion=speed,
        aloft=aloft,
        flights=_in_known_gravity(motion, found, bias, athlete_height_m),
        free_pull_px_s2=scale.mean_pull_px_s2(list(found.values())),
        objections=objections,
    )


def _in_known_gravity(
    motion: Motion,
    found: dict[flights.Window, events.Flight],
    bias: TrackerBias,
    athlete_height_m: float | None,
) -> list[events.Flight]:
    """The flights again, with the pull that all of them and the athlete's size tell together."""
    expected = scale.expected_pull(motion, athlete_height_m)
    common = scale.common_pull(list(found.values()))
    again = []
    for window, alone in found.items():
        pull = (common or alone.fall.pull).weighed_with(expected)
        flight = events.fit(motion, window, pull)
        again.append(agreement.agreed(motion, flight, bias) if flight else alone)
    return again
