"""Calibrating a tracker: which poses it keeps, and whether what it prints can be used."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from networks.people import INFO
from posebatch_shared.results import TrackerInfo
from posebatch_workers.analysis import bias
from posebatch_workers.analysis.bias import UNKNOWN

BENCHMARKS = Path(__file__).parents[2] / "ops/benchmarks"


@pytest.fixture(autouse=True)
def _benchmarks_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)


def test_poses_are_kept_for_the_tracker_that_made_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_what_is_printed_can_be_put_into_the_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import accuracy_calibration

    tracker = SimpleNamespace(info=INFO, close=lambda: None)
    monkeypatch.setattr(sys, "argv", ["accuracy_calibration.py", "--cache", "."])
    monkeypatch.setattr(accuracy_calibration, "create_tracker", lambda *_, **__: tracker)
    monkeypatch.setattr(accuracy_calibration, "cases", lambda seed: [])
    monkeypatch.setattr(accuracy_calibration, "calibrated", lambda samples, bias: UNKNOWN)
    accuracy_calibration.main()
    _, _, printed = capsys.readouterr().out.partition("jumps")
    assert eval(printed.strip(), vars(bias)) == UNKNOWN
