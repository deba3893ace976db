"""Do we agree with rtmlib's own pre- and post-processing where that is right?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rtmlib import YOLOX, RTMPose

from networks import markers
from posebatch_shared.results import TrackerInfo
from posebatch_workers.trackers.batches import load_batched
from posebatch_workers.trackers.models import registry
from posebatch_workers.trackers.rtmpose import RtmPose
from posebatch_workers.trackers.yolox import PersonDetector
from posebatch_workers.video.frames import Frame

INFO = TrackerInfo(name="test", model="markers", model_sha256="0", device="cpu", provider="cpu")


@pytest.fixture
def picture() -> np.ndarray:
    rng = np.random.default_rng(3)
    grid = np.stack(np.meshgrid(np.arange(4), np.arange(7)), axis=-1).reshape(-1, 2)[:26]
    pixels = np.full((720, 1280, 3), 90, np.uint8)
    markers.draw(pixels, np.array((500, 200)) + (grid + rng.uniform(-0.1, 0.1, grid.shape)) * 55)
    return pixels


def test_boxes_and_keypoints_agree_to_half_a_pixel(tmp_path: Path, picture: np.ndarray) -> None:
    pose = markers.simcc_network(tmp_path / "pose.onnx")
    detector = markers.yolox_network(tmp_path / "yolox.onnx", people=1)
    bgr = np.ascontiguousarray(picture[:, :, ::-1])
    boxes = YOLOX(str(detector), (416, 416), backend="onnxruntime")(bgr)
    # Its pose networks want RGB, though its examples hand them BGR.
    points, scores = RTMPose(str(pose), (192, 256), backend="onnxruntime")(picture, boxes)

    tracker = RtmPose(
        PersonDetector(load_batched(detector, "cpu", threads=1), confidence=0.5),
        load_batched(pose, "cpu", threads=1),
        confidence=0.3,
        info=INFO,
    )
    (ours,) = tracker.track([Frame(frame_index=0, pts_seconds=0.0, pixels=picture)])
    assert np.abs(ours.bboxes * (1280, 720, 1280, 720) - boxes).max() < 2.0
    apart = np.linalg.norm(ours.keypoints[:, :, :2] * (1280, 720) - points, axis=2)
    # rtmlib stops at half an input pixel, which here is 1.1 pixels of the picture.
    assert apart.mean() < 0.5
    assert np.allclose(ours.scores, scores, atol=0.05)


@pytest.mark.parametrize(
    ("name", "mode", "part"),
    [
        ("rtmpose-s", "lightweight", "pose"),
        ("yolox-tiny", "lightweight", "det"),
        ("rtmpose-m", "balanced", "pose"),
        ("yolox-m", "balanced", "det"),
    ],
)
def test_models_come_from_where_rtmlib_takes_them(name: str, mode: str, part: str) -> None:
    from rtmlib import BodyWithFeet

    assert registry()[name].source == BodyWithFeet.MODE[mode][part]
