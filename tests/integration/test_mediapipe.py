"""The real MediaPipe: nothing is carried over between videos, and no name is looked up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from network_calls import successful_calls, tracing_into
from posebatch_shared.poses import JUMP_LANDMARKS, FramePoses
from posebatch_shared.results import VideoInfo
from posebatch_workers.athlete.clip import ClipSpec, Shoot
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import Tracker, create_tracker
from posebatch_workers.trackers.mediapipe_pose import MediaPipePose
from posebatch_workers.video.frames import Frame

ONE = ClipSpec(fps=30.0, quiet_seconds=0.3)
OTHER = ClipSpec(fps=30.0, quiet_seconds=0.3, view_angle_deg=40.0, seed=3, width=960)

TRACK_A_CLIP = """
import sys
from posebatch_workers.trackers import create_tracker
from posebatch_workers.video.frames import Frame
import numpy as np, time
tracker = create_tracker(sys.argv[1], quality="balanced")
grey = np.full((480, 640, 3), 128, np.uint8)
tracker.track([Frame(frame_index=i, pts_seconds=i / 30, pixels=grey) for i in range(30)])
time.sleep(0.5)
tracker.close()
"""


@cache
def drawn(spec: ClipSpec) -> list[Frame]:
    """The first frames of a jump."""
    pictures = islice(Shoot.of(spec).frames(), 12)
    return [
        Frame(frame_index=i, pts_seconds=i / spec.fps, pixels=picture)
        for i, picture in enumerate(pictures)
    ]


def track(tracker: Tracker, frames: list[Frame]) -> list[FramePoses]:
    height, width, _ = frames[0].pixels.shape
    video = VideoInfo(
        width=width,
        height=height,
        fps=30.0,
        frames=len(frames),
        duration_seconds=len(frames) / 30,
        rotation_degrees=0,
        codec="h264",
    )
    tracker.begin(video, StageTimer())
    return [*tracker.track(frames), *tracker.end()]


def without_legs(frame: Frame) -> Frame:
    pixels = frame.pixels.copy()
    pixels[len(pixels) // 2 :] = 120
    return replace(frame, pixels=pixels)


def points(poses: list[FramePoses]) -> NDArray[np.float32]:
    nobody = np.full((33, 3), np.nan, np.float32)
    return np.array([p.keypoints[0] if len(p.scores) else nobody for p in poses])


@pytest.fixture(scope="module")
def tracker() -> Iterator[MediaPipePose]:
    made = create_tracker("mediapipe", quality="balanced")
    assert isinstance(made, MediaPipePose)
    yield made
    made.close()


def test_many_videos_through_one_tracker_equal_fresh_trackers(tracker: MediaPipePose) -> None:
    one, other = drawn(ONE), drawn(OTHER)
    first = points(track(tracker, one))
    assert np.isfinite(first).all()
    for frames in (other, one):
        fresh = create_tracker("mediapipe", quality="balanced")
        expected = points(track(fresh, frames))
        fresh.close()
        np.testing.assert_allclose(points(track(tracker, frames)), expected, atol=1e-4)


def test_what_was_hidden_in_one_video_is_visible_in_the_next(tracker: MediaPipePose) -> None:
    fresh = track(tracker, drawn(ONE))
    track(tracker, [without_legs(frame) for frame in drawn(OTHER)])
    again = track(tracker, drawn(ONE))
    assert [p.scores.tolist() for p in again] == [p.scores.tolist() for p in fresh]


def test_the_plain_call_takes_opencv_pictures_and_repeated_timestamps(
    tracker: MediaPipePose,
) -> None:
    picture = cv2.cvtColor(drawn(ONE)[0].pixels, cv2.COLOR_RGB2BGR)
    found = [tracker.process_frame(np.asarray(picture, dtype=np.uint8)) for _ in range(2)]
    assert found[1] is not None
    assert tuple(found[1]) == JUMP_LANDMARKS
    assert found[1]["nose"][1] < found[1]["left_hip"][1] < found[1]["left_heel"][1]


def test_an_empty_picture_gives_nobody(tracker: MediaPipePose) -> None:
    grey = Frame(frame_index=7, pts_seconds=0.5, pixels=np.full((48, 64, 3), 128, np.uint8))
    (poses,) = track(tracker, [grey])
    assert poses.keypoints.shape == (0, 33, 3)
    assert (poses.frame_index, poses.pts_seconds) == (7, 0.5)
    assert tracker.process_frame(grey.pixels) is None


@pytest.mark.parametrize("name", ["mediapipe", "blazepose"])
@pytest.mark.skipif(
    not shutil.which("strace") and os.environ.get("CI") != "true", reason="needs strace"
)
def test_no_name_is_looked_up_and_no_connection_made(name: str, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    # Some libraries keep quiet under CI by themselves; users' machines are not CI.
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    subprocess.run(
        [*tracing_into(tmp_path), sys.executable, "-c", TRACK_A_CLIP, name],
        check=True,
        timeout=120,
        env={**environment, "TMPDIR": str(temporary)},
    )
    assert successful_calls(tmp_path) == []
    assert list(temporary.glob("*.ses")) == list(temporary.glob(".ses")) == []  # a reporter's mark
