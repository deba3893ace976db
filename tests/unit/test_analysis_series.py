"""Several jumps in one clip: each begins, lands and is named by itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import trajectories
from phase_spans import analysed, spans
from posebatch_shared.poses import JUMP_LANDMARKS
from posebatch_workers.analysis import analyse


def test_a_landing_that_stays_low_is_not_the_next_jumps_hold() -> None:
    analysis = analysed(trajectories.cmj(0.3, 0.3, 0.3, quiet_s=0.3))

    assert [jump.kind for jump in analysis.jumps] == ["cmj"] * 3


@pytest.mark.parametrize("fps", [30, 60, 120])
@pytest.mark.parametrize("quiet_s", [0.1, 0.3])
@pytest.mark.parametrize("depth_m", [0.22, 0.32])
def test_every_jump_of_a_series_begins_where_its_own_lowering_does(
    fps: int, quiet_s: float, depth_m: float
) -> None:
    course = trajectories.cmj(*[0.35] * 4, depth_m=depth_m, quiet_s=quiet_s)

    analysis = analyse(trajectories.sequence(course, fps=fps, noise_px=1))

    assert len(analysis.jumps) == 4
    for jump, takeoff in zip(analysis.jumps, course.takeoffs, strict=True):
        named = spans(analysis, jump.rep)
        lowering = takeoff - trajectories.push_off_s(0.35, depth_m) - 0.5
        assert named["lowering"][0] == pytest.approx(lowering, abs=0.05)
        assert jump.countermovement_depth_m == pytest.approx(depth_m, abs=0.02)
        landing_start, landing_end = named["landing"]
        assert landing_end - landing_start == pytest.approx(0.18, abs=0.06)


def test_every_repetition_is_found() -> None:
    course = trajectories.cmj(0.2, 0.3, 0.4, 0.25)

    jumps = analysed(course).jumps

    assert [jump.rep for jump in jumps] == [1, 2, 3, 4]
    assert [jump.jump_height_m for jump in jumps] == pytest.approx([0.2, 0.3, 0.4, 0.25], abs=0.02)


@pytest.mark.parametrize("fps", [30, 60, 120])
@pytest.mark.parametrize("box_m", [0.2, 0.4, 0.6])
@pytest.mark.parametrize("hop_m", [0.05, 0.1, 0.2])
def test_a_hop_off_the_box_is_part_of_the_drop_jump(fps: int, box_m: float, hop_m: float) -> None:
    course = trajectories.drop_jump(0.35, box_m=box_m, contact_s=0.25, hop_m=hop_m)

    analysis = analyse(trajectories.sequence(course, fps=fps, noise_px=1))

    (jump,) = analysis.jumps
    assert jump.kind == "drop-jump"
    assert jump.drop_height_m == pytest.approx(box_m, abs=0.04)
    assert jump.contact_time_seconds == pytest.approx(0.25, abs=0.03)
    assert analysis.quality.warnings == ()


@pytest.mark.parametrize("fps", [30, 60, 120])
@pytest.mark.parametrize("contact_s", [0.2, 0.35])
def test_a_rebound_has_a_contact_and_neither_standing_nor_time_to_takeoff(
    fps: int, contact_s: float
) -> None:
    course = trajectories.rebounds(5, 0.25, contact_s)

    analysis = analyse(trajectories.sequence(course, fps=fps, noise_px=1))

    first, *others = analysis.jumps
    assert first.contact_time_seconds is None
    assert first.rsi_modified is not None
    assert len(others) == 4
    for jump, before in zip(others, analysis.jumps, strict=False):
        assert jump.touchdown_seconds == before.landing_seconds
        assert jump.contact_time_seconds == pytest.approx(contact_s, abs=0.03)
        assert jump.rsi_height_over_contact == pytest.approx(
            jump.jump_height_m / jump.contact_time_seconds
        )
        assert (jump.time_to_takeoff_seconds, jump.rsi_modified) == (None, None)
        assert list(spans(analysis, jump.rep))[:3] == ["contact", "lowest point", "flight"]


@pytest.mark.parametrize("fps", [30, 60, 120])
@pytest.mark.parametrize("contact_s", [0.2, 0.5])
@pytest.mark.parametrize("upper_body", ["lost", "swaying"])
def test_after_a_flight_that_is_not_believed_is_neither_a_contact_nor_a_box(
    fps: int, contact_s: float, upper_body: str
) -> None:
    course = trajectories.rebounds(5, 0.3, contact_s)
    sequence = trajectories.sequence(course, fps=fps, noise_px=1)
    keypoints = sequence.keypoints.copy()
    since, until = course.takeoffs[2] + 0.05, course.landings[2] - 0.05
    flies = (sequence.pts_seconds > since) & (sequence.pts_seconds < until)
    if upper_body == "lost":
        keypoints[flies] = np.nan
    else:
        rows = [JUMP_LANDMARKS.index(n) for n in ("nose", "left_shoulder", "right_shoulder")]
        sway = 0.06 * np.sin(np.linspace(0, 3 * np.pi, flies.sum()))
        keypoints[np.ix_(flies, rows, [1])] += sway[:, None, None]

    jumps = analyse(replace(sequence, keypoints=keypoints)).jumps

    assert [jump.kind for jump in jumps] == ["cmj"] * 4
    known = [jump.contact_time_seconds is not None for jump in jumps]
    assert known == [False, True, False, True]
    assert jumps[2].drop_height_m is None


@pytest.mark.parametrize(
    "course",
    [trajectories.rebounds(4, 0.25, 0.2), trajectories.cmj(0.3, 0.3, 0.3, quiet_s=0.2)],
    ids=["rebounds", "repetitions"],
)
def test_phases_of_one_jump_do_not_reach_into_another(course: trajectories.Course) -> None:
    phases = [phase for phase in analysed(course).phases if phase.name != "lowest point"]

    assert {phase.rep for phase in phases} >= {1, 2, 3}
    assert all(left.end_seconds <= right.start_seconds for left, right in pairwise(phases))
