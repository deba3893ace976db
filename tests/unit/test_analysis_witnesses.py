"""What nose, shoulders, ankles and toes tell about an event, and how their words are weighed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import trajectories
from posebatch_shared.poses import JUMP_LANDMARKS, PoseSequence
from posebatch_workers.analysis import analyse
from posebatch_workers.analysis.agreement import verdict
from posebatch_workers.analysis.bias import BIASES, UNKNOWN, Witness
from posebatch_workers.analysis.contacts import Pull
from posebatch_workers.analysis.flights import hills

FOUR = tuple(Witness(part=part, front=0.0, side=0.0, weight=0.25) for part in "abcd")


def shifted(sequence: PoseSequence, nodes: tuple[str, ...], up: np.ndarray) -> PoseSequence:
    """The same poses, with some landmarks seen higher by so many picture heights per frame."""
    keypoints = sequence.keypoints.copy()
    for node in nodes:
        keypoints[:, JUMP_LANDMARKS.index(node), 1] -= up
    return replace(sequence, keypoints=keypoints)


def test_one_witness_gone_astray_hardly_moves_the_verdict() -> None:
    agreeing = verdict(np.array([0.250, 0.252, 0.248, 0.250]), FOUR)
    astray = verdict(np.array([0.250, 0.252, 0.248, 0.310]), FOUR)

    assert agreeing and astray
    assert agreeing.from_apex_seconds == pytest.approx(0.25, abs=1e-3)
    assert astray.from_apex_seconds == pytest.approx(0.25, abs=2e-3)
    assert astray.apart_seconds > 5 * agreeing.apart_seconds


def test_a_witness_that_tells_nothing_is_not_asked() -> None:
    told = verdict(np.array([np.nan, 0.25, 0.25, np.nan]), FOUR)

    assert told and told.from_apex_seconds == pytest.approx(0.25)
    assert verdict(np.full(4, np.nan), FOUR) is None


def test_the_surer_of_two_pulls_weighs_more() -> None:
    both = Pull(px_s2=4000, sd_px_s2=40).weighed_with(Pull(px_s2=4400, sd_px_s2=400))

    assert both.px_s2 == pytest.approx(4004, abs=1)
    assert both.sd_px_s2 < 40


def test_a_hill_is_told_by_its_valleys() -> None:
    height = np.array([1.0, 0.2, 0.9, 5.0, 4.8, 5.2, 0.0, 0.1, 0.0, 3.0, 2.0])

    assert list(hills(height, 2.0)) == [(1, 5, 6)]
    assert list(hills(height, 1.0)) == [(1, 5, 6), (6, 9, 10)]
    assert list(hills(np.zeros(8), 1.0)) == []


def test_a_foot_that_the_tracker_pulls_up_in_flight_does_not_lengthen_it() -> None:
    """As trackers do with pointed feet; nose, shoulders and ankles know better."""
    course = trajectories.cmj(0.35)
    sequence = trajectories.sequence(course, fps=60, noise_px=1)
    at = sequence.pts_seconds
    aloft = (at > course.takeoffs[0] - 0.02) & (at < course.landings[0] + 0.02)
    toes = ("left_foot_index", "right_foot_index")

    (plain,) = analyse(sequence).jumps
    (pulled,) = analyse(shifted(sequence, toes, 0.03 * aloft)).jumps

    assert pulled.flight_time_seconds == pytest.approx(plain.flight_time_seconds, abs=0.012)
    assert np.ptp(pulled.flight_time_interval_seconds) > np.ptp(plain.flight_time_interval_seconds)


def test_noise_shared_by_two_reps_is_less_than_that_of_one() -> None:
    """Gravity comes from both flights, so that each interval is narrower."""
    one = analyse(trajectories.sequence(trajectories.cmj(0.3), fps=60, noise_px=4)).jumps
    two = analyse(trajectories.sequence(trajectories.cmj(0.3, 0.3), fps=60, noise_px=4)).jumps

    assert max(np.ptp(jump.flight_time_interval_seconds) for jump in two) < np.ptp(
        one[0].flight_time_interval_seconds
    )


def test_the_athletes_height_narrows_the_interval() -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.3), fps=30, noise_px=5)

    (without,) = analyse(sequence).jumps
    (given,) = analyse(sequence, athlete_height_m=trajectories.STATURE_M).jumps

    assert np.ptp(given.flight_time_interval_seconds) < np.ptp(without.flight_time_interval_seconds)
    assert given.flight_time_seconds == pytest.approx(2 * np.sqrt(2 * 0.3 / 9.81), abs=0.025)


def test_a_landing_without_frames_still_gives_a_number_in_doubt() -> None:
    course = trajectories.cmj(0.4)
    sequence = trajectories.sequence(course, fps=60, noise_px=1)
    at = sequence.pts_seconds
    holed = trajectories.kept(sequence, np.abs(at - course.landings[0] + 0.05) > 0.06)

    (whole,), (jump,) = analyse(sequence).jumps, analyse(holed).jumps

    assert jump.jump_height_m == pytest.approx(0.4, abs=0.03)
    assert np.ptp(jump.flight_time_interval_seconds) >= np.ptp(whole.flight_time_interval_seconds)


def test_shares_of_the_witnesses_are_whole() -> None:
    for bias in (UNKNOWN, *BIASES.values()):
        for witnesses in (bias.takeoff, bias.landing):
            assert sum(witness.weight for witness in witnesses) == pytest.approx(1, abs=0.011)
