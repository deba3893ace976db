"""The stage timer's tree adds up, and what nobody measured is shown as the rest."""

from __future__ import annotations

import time

import pytest

from posebatch_shared.results import StageTiming
from posebatch_workers.timing import StageTimer


def by_stage(timer: StageTimer) -> dict[str, StageTiming]:
    return {timing.stage: timing for timing in timer.timings()}


def test_children_add_up_to_the_job_with_the_rest_shown() -> None:
    timer = StageTimer()
    for _ in range(3):
        with timer.stage("track"), timer.stage("infer"):
            time.sleep(0.01)
    time.sleep(0.01)
    stages = by_stage(timer)
    top = [s for s in stages.values() if s.parent == "job"]
    assert stages["infer"].parent == "track"
    assert stages["infer"].calls == 3
    assert stages["infer"].seconds <= stages["track"].seconds
    assert abs(sum(s.seconds for s in top) - stages["job"].seconds) < 1e-9
    assert stages["rest"].seconds >= 0.009


def test_time_beside_the_job_is_not_counted_in_it() -> None:
    timer = StageTimer()
    timer.add("queue_wait", 99.0, parent=None)
    timer.extend([StageTiming(stage="decode", parent="decoder", seconds=5.0, calls=7)])
    stages = by_stage(timer)
    assert stages["job"].seconds < 1.0
    assert stages["decode"].calls == 7


def test_a_stage_that_raises_is_still_booked() -> None:
    timer = StageTimer()
    with pytest.raises(ZeroDivisionError), timer.stage("track"):
        _ = 1 / 0
    with timer.stage("after"):
        pass
    assert by_stage(timer)["after"].parent == "job"
