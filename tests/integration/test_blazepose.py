"""blazepose beside MediaPipe itself, on the same pictures with the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from posebatch_shared.poses import JUMP_LANDMARKS, FramePoses
from posebatch_shared.results import VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import create_tracker
from posebatch_workers.trackers.blazepose.tracker import BlazePose
from posebatch_workers.trackers.models import find_model
from posebatch_workers.trackers.offline import call_offline
from posebatch_workers.video.frames import Frame

CLIPS = Path(__file__).parents[3] / "shared" / "videos"
PORTRAIT, GROUP = CLIPS / "pose2sim_multi_cam01.mp4", CLIPS / "sports2d_demo.mp4"
pytestmark = pytest.mark.skipif(not PORTRAIT.exists(), reason="the shared clips are not here")


def read(path: Path, count: int, stride: int = 1) -> list[Frame]:
    reader = cv2.VideoCapture(str(path))
    pictures = [reader.read()[1] for _ in range(count * stride)][::stride]
    return [
        Frame(
            frame_index=i,
            pts_seconds=i / 30,
            pixels=np.asarray(cv2.cvtColor(p, cv2.COLOR_BGR2RGB), dtype=np.uint8),
        )
        for i, p in enumerate(pictures)
    ]


def begin(tracker: BlazePose) -> StageTimer:
    timer = StageTimer()
    video = VideoInfo(
        width=1088,
        height=1920,
        fps=30.0,
        frames=None,
        duration_seconds=1.0,
        rotation_degrees=0,
        codec="h264",
    )
    tracker.begin(video, timer)
    return timer


@pytest.fixture(scope="module")
def tracker() -> BlazePose:
    made = create_tracker("blazepose", quality="balanced")
    assert isinstance(made, BlazePose)
    return made


@pytest.fixture(scope="module")
def single_pictures() -> Iterator[Any]:
    """MediaPipe's landmarker in image mode: a fresh look at every picture, no filter."""
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(find_model("mediapipe-lite").path))
    )
    landmarker = call_offline(lambda: vision.PoseLandmarker.create_from_options(options))
    yield landmarker
    landmarker.close()


def mediapipe_points(landmarker: Any, frame: Frame) -> NDArray[np.float32]:
    import mediapipe

    image = mediapipe.Image(mediapipe.ImageFormat.SRGB, frame.pixels)
    (person,) = landmarker.detect(image).pose_landmarks
    return np.array([(p.x, p.y, p.z, p.visibility) for p in person], np.float32)


def test_landmarks_agree_with_mediapipe_to_a_pixel_of_the_crop(
    tracker: BlazePose, single_pictures: Any
) -> None:
    errors, seen = [], []
    for frame in read(PORTRAIT, 8, stride=10):
        begin(tracker)
        (ours,) = tracker.track([frame])
        theirs = mediapipe_points(single_pictures, frame)
        size = frame.pixels.shape[1::-1]
        offsets = (ours.keypoints[0, :, :2] - theirs[:, :2]) * size
        region = tracker._detector.find(frame.pixels)
        assert region is not None
        errors.append(np.hypot(*offsets.T) * 256 / region.size)
        seen.append(np.abs(ours.scores[0] - theirs[:, 3]))
    assert np.median(errors) < 0.5
    assert np.percentile(errors, 90) < 2.0
    assert np.median(seen) < 0.01


def seen(poses: list[FramePoses]) -> int:
    return sum(len(p.scores) for p in poses)


def test_a_person_is_followed_and_the_detector_rests(tracker: BlazePose) -> None:
    timer = begin(tracker)
    frames = read(PORTRAIT, 20)
    poses = [*tracker.track(frames[:7]), *tracker.track(frames[7:]), *tracker.end()]
    assert seen(poses) == 20
    assert {t.stage: t.calls for t in timer.timings() if t.parent == "job"} == {
        "detect": 1,
        "infer": 20,
        "rest": 1,
    }
    feet = [p.keypoints[0, [29, 30, 31, 32], 1].mean() - p.keypoints[0, 0, 1] for p in poses]
    assert min(feet) > 0.3


def test_a_video_leaves_no_trace_in_the_next(tracker: BlazePose) -> None:
    frames, others = read(PORTRAIT, 5), read(GROUP, 5, stride=20)
    begin(tracker)
    first = tracker.track(frames)
    begin(tracker)
    tracker.track(others)
    begin(tracker)
    for again, before in zip(tracker.track(frames), first, strict=True):
        np.testing.assert_array_equal(again.keypoints, before.keypoints)


def test_an_empty_picture_gives_nobody_and_the_plain_call_works(tracker: BlazePose) -> None:
    begin(tracker)
    assert tracker.process_frame(np.full((90, 160, 3), 128, np.uint8)) is None
    picture = cv2.cvtColor(read(PORTRAIT, 1)[0].pixels, cv2.COLOR_RGB2BGR)
    found = tracker.process_frame(np.asarray(picture, dtype=np.uint8))
    assert found is not None
    assert tuple(found) == JUMP_LANDMARKS
