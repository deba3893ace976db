"""blazepose beside MediaPipe itself, on the same pictures with the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from company import Other, pictures
from posebatch_shared.poses import JUMP_LANDMARKS, FramePoses
from posebatch_shared.results import VideoInfo
from posebatch_workers.athlete.clip import ClipSpec, Shoot
from posebatch_workers.coarse_to_fine import look_then_look_closely
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import create_tracker
from posebatch_workers.trackers.athlete_choice import choose_athlete
from posebatch_workers.trackers.blazepose.regions import whole_picture
from posebatch_workers.trackers.blazepose.tracker import BlazePose
from posebatch_workers.trackers.models import find_model
from posebatch_workers.trackers.offline import call_offline
from posebatch_workers.trackers.skeletons import BLAZEPOSE_33
from posebatch_workers.video.frames import Frame

SIDE = ClipSpec(fps=30.0, quiet_seconds=0.3)
OBLIQUE = ClipSpec(fps=30.0, quiet_seconds=0.3, view_angle_deg=40.0, seed=3, width=960)


@cache
def drawn(spec: ClipSpec) -> list[Frame]:
    """The first second and a half of a jump."""
    pictures = islice(Shoot.of(spec).frames(), 45)
    return [
        Frame(frame_index=i, pts_seconds=i / spec.fps, pixels=picture)
        for i, picture in enumerate(pictures)
    ]


def begin(tracker: BlazePose) -> StageTimer:
    timer = StageTimer()
    video = VideoInfo(
        width=720,
        height=1280,
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
    for frame in [*drawn(SIDE)[::9], *drawn(OBLIQUE)[::9]]:
        begin(tracker)
        (ours,) = tracker.track([frame])
        theirs = mediapipe_points(single_pictures, frame)
        size = frame.pixels.shape[1::-1]
        offsets = (ours.keypoints[0, :, :2] - theirs[:, :2]) * size
        (region,) = tracker._detector.find(frame.pixels, whole_picture(frame.pixels))
        errors.append(np.hypot(*offsets.T) * 256 / region.size)
        seen.append(np.abs(ours.scores[0] - theirs[:, 3]))
    assert np.median(errors) < 0.5
    assert np.percentile(errors, 90) < 2.0
    assert np.median(seen) < 0.01


def seen(poses: list[FramePoses]) -> int:
    return sum(len(p.scores) for p in poses)


def test_a_person_is_followed_and_the_detector_rests(tracker: BlazePose) -> None:
    timer = begin(tracker)
    frames = drawn(SIDE)
    poses = [*tracker.track(frames[:7]), *tracker.track(frames[7:]), *tracker.end()]
    assert seen(poses) == len(frames)
    assert {t.stage: t.calls for t in timer.timings() if t.parent == "job"} == {
        "detect": 1,
        "infer": len(frames),
        "rest": 1,
    }
    found = np.array([p.keypoints[0] for p in poses])
    joints = Shoot.of(SIDE).truth().joints[: len(frames)] / (SIDE.width, SIDE.height)
    rows = [BLAZEPOSE_33.nodes.index(name) for name in JUMP_LANDMARKS]
    error = np.linalg.norm(found[:, rows, :2] - joints, axis=-1)
    assert np.median(error) < 0.03


@pytest.mark.parametrize(
    "other",
    [
        Other(nearer_m=0.3, right_m=1.2, turned_deg=60),
        Other(nearer_m=1.5, right_m=1.2, turned_deg=60),
        Other(nearer_m=3.4, right_m=0.42, up_m=-0.2, turned_deg=90),  # legs outside the picture
    ],
)
def test_in_a_wide_picture_the_athlete_is_found_beside_who_is_larger(
    tracker: BlazePose, other: Other
) -> None:
    spec = ClipSpec(width=640, height=360, camera_distance_m=4.5)
    begin(tracker)
    pixels = next(pictures(spec, other))
    (poses,) = tracker.track([Frame(frame_index=0, pts_seconds=0.0, pixels=pixels)])
    places = poses.keypoints[:, :, 0].mean(axis=1)
    assert np.abs(places - 0.5).min() < 0.02


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (Other(nearer_m=3.4, right_m=0.42, up_m=-0.2, turned_deg=90), 0.95),  # a bust at the side
        (Other(nearer_m=1.5, right_m=1.2, turned_deg=60), 0.95),
        (Other(nearer_m=1.8, walks=True), 0.8),  # hides him for a while after the landing
    ],
)
def test_who_jumps_is_measured_not_who_is_near_the_camera(
    tracker: BlazePose, other: Other, found: float
) -> None:
    spec = ClipSpec(fps=30.0, quiet_seconds=2.0, width=640, height=360, camera_distance_m=4.5)
    begin(tracker)
    frames = (
        Frame(frame_index=i, pts_seconds=i / spec.fps, pixels=pixels)
        for i, pixels in enumerate(pictures(spec, other))
    )
    poses = look_then_look_closely(
        frames, lambda frame: tracker.track([frame])[0], skeleton=BLAZEPOSE_33, aspect=640 / 360
    )
    size = {"width": spec.width, "height": spec.height}
    sequence = choose_athlete(list(poses), skeleton=BLAZEPOSE_33, **size).sequence
    hips = [BLAZEPOSE_33.nodes.index(f"{side}_hip") for side in ("left", "right")]
    joints = Shoot.of(spec).truth().joints
    truth = joints[:, [JUMP_LANDMARKS.index(BLAZEPOSE_33.nodes[row]) for row in hips]].mean(axis=1)
    measured = sequence.keypoints[:, hips, :2].mean(axis=1) * (spec.width, spec.height)
    apart = np.hypot(*(measured - truth).T)
    assert np.mean(apart < 15) >= found


def test_a_video_leaves_no_trace_in_the_next(tracker: BlazePose) -> None:
    frames, others = drawn(SIDE)[:6], drawn(OBLIQUE)[:6]
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
    picture = cv2.cvtColor(drawn(SIDE)[0].pixels, cv2.COLOR_RGB2BGR)
    found = tracker.process_frame(np.asarray(picture, dtype=np.uint8))
    assert found is not None
    assert tuple(found) == JUMP_LANDMARKS
