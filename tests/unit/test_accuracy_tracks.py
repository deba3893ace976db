"""The calibration keeps poses: those of one version of a tracker do not answer for the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from networks.people import INFO
from posebatch_shared.results import TrackerInfo

BENCHMARKS = Path(__file__).parents[2] / "ops/benchmarks"


def test_poses_are_kept_for_the_tracker_that_made_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import accuracy_clips
    import accuracy_tracks

    made: list[TrackerInfo] = []
    monkeypatch.setattr(accuracy_tracks, "draw_clip", lambda spec, path: "truth")
    monkeypatch.setattr(
        accuracy_tracks, "_poses", lambda clip, tracker, dense: made.append(tracker.info)
    )
    first, second = INFO, replace(INFO, versions={"test": "2"})
    for info in (first, first, second):
        tracker = SimpleNamespace(info=info)
        accuracy_tracks.tracked(accuracy_clips.cases()[0], tmp_path, tracker)
    assert made == [first, second]
