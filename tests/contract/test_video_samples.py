"""Real clips from phones and cameras, where the folder with them is present."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from contract.video_readers import WAYS, Open, frames, reader
from posebatch_shared.errors import TooManyDecodeErrors
from posebatch_workers.video.reader import ReadOptions

SAMPLES = Path(__file__).parents[3] / "shared" / "videos"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no folder with real clips")

#: Upright width and height, frames, clockwise turn.
EXPECTED = {
    "sports2d_demo.mp4": (1768, 994, 230, 0),
    "pose2sim_multi_cam01.mp4": (1088, 1920, 100, 0),
    "mmaction2_structuralize.mp4": (426, 240, 300, 0),
    "mmpose_demo.mp4": (960, 540, 5, 0),
    "ax_portrait_4k60.mp4": (2160, 3840, 18, 90),
    "ax_dolbyVision-hdr.MOV": (720, 1280, 4, 90),
    "ax_sample_rotate_and_reflect.mp4": (720, 1080, 30, 90),
    "decord_video_0.mov": (568, 320, 3, 0),
    "decord_video_90.mov": (320, 568, 3, 90),
    "decord_video_180.mov": (568, 320, 3, 180),
    "decord_unordered.mov": (50, 50, 4, 0),
    "iphone_rotated_h264.mov": (320, 568, 66, 90),
}


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


@pytest.mark.parametrize("name", EXPECTED)
def test_opens_upright_and_complete(name: str, open_clip: Open) -> None:
    width, height, count, degrees = EXPECTED[name]
    with open_clip(SAMPLES / name, ReadOptions(max_side=320)) as video:
        times = [frame.pts_seconds for frame in frames(video)]
        assert (video.info.width, video.info.height) == (width, height)
        assert video.info.rotation_degrees == degrees
        assert video.info.frames == count == len(times)
    assert times[0] == 0
    assert (np.diff(times) > 0).all()


def _turn_between(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> tuple[float, int]:
    """Degrees that picture `b` is turned against `a`, and the keypoints that agree about it."""
    sift, matcher = cv2.SIFT_create(), cv2.BFMatcher(crossCheck=True)
    (points_a, features_a), (points_b, features_b) = (
        sift.detectAndCompute(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), None) for image in (a, b)
    )
    matches = matcher.match(features_a, features_b)
    from_a = np.float32([points_a[m.queryIdx].pt for m in matches])
    to_b = np.float32([points_b[m.trainIdx].pt for m in matches])
    motion, agree = cv2.estimateAffinePartial2D(from_a, to_b, ransacReprojThreshold=6.0)
    return float(np.degrees(np.arctan2(motion[1, 0], motion[0, 0]))), int(agree.sum())


def test_one_scene_under_three_rotation_tags(open_clip: Open) -> None:
    """One keyboard, filmed three times with the phone turned: keys in common stand the same way."""
    scenes = []
    for degrees in (0, 90, 180):
        with open_clip(SAMPLES / f"decord_video_{degrees}.mov", ReadOptions()) as video:
            scenes.append(next(iter(frames(video))).pixels.copy())
    for a, b in pairwise(scenes):
        degrees, agreeing = _turn_between(a, b)
        assert abs(degrees) < 20
        assert agreeing >= 16


def test_high_dynamic_range_is_noted_and_looks_right(open_clip: Open) -> None:
    with open_clip(SAMPLES / "ax_dolbyVision-hdr.MOV", ReadOptions()) as video:
        first = next(iter(frames(video))).pixels
        assert video.probe.hdr
        assert (video.probe.bit_depth, video.probe.transfer) == (10, "arib-std-b67")
    assert first.shape == (1280, 720, 3)
    # A grey sky over grey roofs: mid brightness, little colour.
    assert 120 < first.mean() < 210
    assert np.ptp(first.reshape(-1, 3).mean(axis=0)) < 15


def test_a_damaged_clip_needs_a_higher_share(open_clip: Open) -> None:
    path = SAMPLES / "decord_corrupted.mp4"
    with pytest.raises(TooManyDecodeErrors), open_clip(path, ReadOptions()) as video:
        list(video.batches())
    with open_clip(path, ReadOptions(max_error_share=0.5)) as video:
        assert sum(1 for _ in frames(video)) >= 28
        assert video.decode_errors > 0
