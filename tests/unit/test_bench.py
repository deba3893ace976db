"""Do twins cost what is published, and do the benchmark's numbers belong together?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from posebatch_shared.errors import PermanentError
from posebatch_shared.poses import FramePoses
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.bench import compare, trackers
from posebatch_workers.bench.clips import Clip
from posebatch_workers.bench.twins import rtmpose_twin, yolox_twin
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import nobody
from posebatch_workers.trackers.batches import load_batched
from posebatch_workers.trackers.skeletons import HALPE_26
from posebatch_workers.video.frames import Frame

INFO = VideoInfo(
    width=8, height=8, fps=30.0, frames=40, duration_seconds=1.3, rotation_degrees=0, codec="raw"
)


@pytest.mark.parametrize(("size", "published"), [("t", 0.36), ("s", 0.68), ("m", 1.93)])
def test_rtmpose_twins_cost_what_is_published(tmp_path: Path, size: str, published: float) -> None:
    assert rtmpose_twin(tmp_path / "x.onnx", size) / 1e9 == pytest.approx(published, rel=0.03)


def test_yolox_twin_costs_what_is_published(tmp_path: Path) -> None:
    # 6.45 counts multiplications and additions.
    assert 2 * yolox_twin(tmp_path / "x.onnx", "tiny") / 1e9 == pytest.approx(6.45, rel=0.03)


def test_twins_answer_in_the_form_of_the_real_networks(tmp_path: Path) -> None:
    rtmpose_twin(tmp_path / "pose.onnx", "t")
    yolox_twin(tmp_path / "detector.onnx", "tiny")
    pose = load_batched(tmp_path / "pose.onnx", "cpu", threads=1)
    ((x, y),) = pose.map(1, lambda _, out: out.fill(0.1))
    assert (x.shape, y.shape) == ((26, 384), (26, 512))
    assert np.isfinite(x).all()
    detector = load_batched(tmp_path / "detector.onnx", "cpu", threads=1)
    ((dets, labels),) = detector.map(1, lambda _, out: out.fill(114.0))
    assert dets.shape == (1, 5)
    assert dets[0, 4] == pytest.approx(0.9, abs=1e-3)
    assert labels.tolist() == [0]


class Counting:
    """A tracker that sees nobody and counts how it was called."""

    info = TrackerInfo(name="counting", model="none", model_sha256="0", device="d", provider="p")
    skeleton = HALPE_26

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.closed = False

    def begin(self, video: VideoInfo, timer: StageTimer) -> None: ...

    def track(self, frames: list[Frame]) -> list[FramePoses]:
        self.calls.append(len(frames))
        return [nobody(frame, self.skeleton) for frame in frames]

    def end(self) -> list[FramePoses]:
        return []

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def clip() -> Clip:
    pixels = np.zeros((8, 8, 3), np.uint8)
    frames = (Frame(frame_index=i, pts_seconds=i / 30, pixels=pixels) for i in range(40))
    return Clip(name="clip.mp4", info=INFO, frames=tuple(frames))


def test_every_frame_is_timed_once_after_the_warm_up(clip: Clip) -> None:
    tracker = Counting()
    speed = trackers.measure(tracker, [clip, clip], call_frames=16)
    assert tracker.calls == [16, 16, *[16, 16, 8] * 2]
    assert (speed.frames, speed.people_per_frame, speed.provider) == (80, 0, "p")
    assert speed.p50_ms <= speed.p95_ms <= speed.p99_ms
    assert 1000 / speed.frames_per_second == pytest.approx(speed.mean_ms)


def test_a_tracker_that_cannot_start_is_a_row_that_says_so(tmp_path: Path) -> None:
    report = trackers.Report(
        clips=("a",),
        quality="fast",
        threads=None,
        speeds=(trackers.Speed(tracker="x", error="no model"),),
    )
    head, rows = report.table()
    assert len(head) == len(rows[0]) == 10
    assert rows[0][:2] == ("x", "did not run")
    assert report.to_json()["speeds"][0]["error"] == "no model"


def finding(tracker: str, *heights: float) -> compare.Finding:
    return compare.Finding(
        clip="a",
        tracker=tracker,
        kind="cmj",
        jump_heights_m=heights,
        flight_times_seconds=heights,
        quality=80,
        visibility=0.9,
        seen_share=1.0,
    )


def test_differences_are_told_only_where_as_many_jumps_were_found() -> None:
    found = (finding("x", 0.3, 0.2), finding("y", 0.35, 0.2), finding("z", 0.3))
    report = compare.Comparison(trackers=("x", "y", "z"), findings=found)
    (row,) = report.to_json()["differences"]
    assert row["tracker"] == "y"
    assert row["jump_height_m"] == pytest.approx([0.05, 0.0])
    head, rows = report.table()
    assert {len(row) for row in rows} == {len(head)}


def test_clips_of_one_name_are_not_mixed_up() -> None:
    found = (finding("x", 0.3), finding("y", 0.31), finding("x", 0.5), finding("y", 0.53))
    rows = compare.Comparison(trackers=("x", "y"), findings=found).differences()
    assert [row["jump_height_m"] for row in rows] == [[pytest.approx(0.01)], [pytest.approx(0.03)]]


def test_a_clip_that_cannot_be_read_is_named_and_the_trackers_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = Counting()
    monkeypatch.setattr(compare, "create_tracker", lambda name, **options: tracker)
    (tmp_path / "broken.mp4").write_bytes(b"nothing of a video")
    with pytest.raises(PermanentError, match=r"^broken\.mp4: "):
        compare.run([tmp_path / "broken.mp4"], ["counting"])
    assert tracker.closed


def test_a_clip_without_people_is_a_finding(clip: Clip) -> None:
    found = compare.find(clip, Counting(), "counting", kind="auto", athlete="auto")
    assert (found.jump_heights_m, found.seen_share, found.visibility) == ((), 0.0, 0.0)
