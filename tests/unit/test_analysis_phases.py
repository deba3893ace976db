"""Kinds of jump and their phases, rule by rule, on drawn trajectories."""

from __future__ import annotations

from itertools import pairwise

import pytest

import trajectories
from phase_spans import analysed, spans
from posebatch_workers.analysis import analyse


def test_countermovement_jump_lowers_and_turns_at_once() -> None:
    course = trajectories.cmj(0.35)

    analysis = analysed(course)

    assert analysis.kind == "cmj"
    assert list(spans(analysis)) == [
        "quiet standing",
        "lowering",
        "lowest point",
        "push-off",
        "flight",
        "landing",
    ]
    assert spans(analysis)["lowering"] == pytest.approx((0.8, 1.3), abs=0.12)
    assert spans(analysis)["lowest point"][0] == pytest.approx(1.3, abs=0.04)
    assert spans(analysis)["flight"] == pytest.approx(
        (course.takeoffs[0], course.landings[0]), abs=0.01
    )


def test_phases_follow_each_other_without_gap() -> None:
    for course in (trajectories.cmj(0.3, hold_s=1.0), trajectories.drop_jump(0.3)):
        named = spans(analysed(course))
        named.pop("lowest point")
        edges = list(named.values())

        assert len(edges) > 3
        assert all(left[1] == right[0] for left, right in pairwise(edges))


def test_a_held_squat_makes_a_squat_jump() -> None:
    analysis = analysed(trajectories.cmj(0.3, hold_s=1.0))

    assert analysis.kind == "squat-jump"
    start, end = spans(analysis)["hold"]
    assert end - start == pytest.approx(1.0, abs=0.35)


def test_a_squat_jump_takes_off_from_its_hold_and_not_from_standing() -> None:
    (jump,) = analysed(trajectories.cmj(0.3, hold_s=1.0)).jumps

    push_off_s = trajectories.push_off_s(0.3, 0.32)
    assert jump.time_to_takeoff_seconds == pytest.approx(push_off_s, abs=0.05)
    assert jump.rsi_modified == pytest.approx(jump.jump_height_m / jump.time_to_takeoff_seconds)
    assert jump.countermovement_depth_m == pytest.approx(0.32, abs=0.03)


def test_drop_jump_has_box_fall_and_contact() -> None:
    course = trajectories.drop_jump(0.3, box_m=0.4, contact_s=0.25)

    analysis = analysed(course)

    (jump,) = analysis.jumps
    assert analysis.kind == "drop-jump"
    assert list(spans(analysis)) == [
        "box",
        "fall",
        "contact",
        "lowest point",
        "flight",
        "landing",
    ]
    assert jump.touchdown_seconds == pytest.approx(course.touchdowns[0], abs=0.012)
    assert jump.contact_time_seconds == pytest.approx(0.25, abs=0.015)
    assert jump.drop_height_m == pytest.approx(0.4, abs=0.06)
    assert jump.rsi_flight_over_contact == pytest.approx(
        jump.flight_time_seconds / jump.contact_time_seconds
    )
    assert jump.rsi_height_over_contact == pytest.approx(
        jump.jump_height_m / jump.contact_time_seconds
    )
    assert jump.rsi_modified is None


def test_a_request_names_jumps_from_standing_but_invents_no_box() -> None:
    held = trajectories.cmj(0.3, hold_s=1.0)

    assert analysed(held, kind="cmj").kind == "cmj"
    assert analysed(held, kind="drop-jump").kind == "squat-jump"
    assert analysed(trajectories.drop_jump(0.3), kind="cmj").kind == "drop-jump"


def test_pose_asks_for_no_jumps() -> None:
    analysis = analysed(trajectories.cmj(0.3), kind="pose")

    assert (analysis.kind, analysis.jumps, analysis.phases, analysis.note) == ("pose", (), (), None)
    assert analysis.series.hip_height


@pytest.mark.parametrize("fps", [24, 30, 60, 120])
@pytest.mark.parametrize("box_m", [0.2, 0.4])
@pytest.mark.parametrize("contact_s", [0.2, 0.4])
def test_a_drop_jump_is_one_from_a_low_box_and_in_few_frames(
    fps: int, box_m: float, contact_s: float
) -> None:
    course = trajectories.drop_jump(0.35, box_m=box_m, contact_s=contact_s)

    (jump,) = analyse(trajectories.sequence(course, fps=fps, noise_px=1)).jumps

    assert jump.kind == "drop-jump"
    assert jump.contact_time_seconds == pytest.approx(contact_s, abs=0.03)


def test_the_depth_of_a_drop_jump_counts_from_the_touchdown() -> None:
    (jump,) = analysed(trajectories.drop_jump(0.3)).jumps

    sinks_m = trajectories.HEEL_RISE_M + 0.13
    assert jump.countermovement_depth_m == pytest.approx(sinks_m, abs=0.03)
