"""Does the real YOLOX-nano, where it is at hand, find people through our letterbox and decoding?"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from posebatch_workers.trackers.batches import load_batched
from posebatch_workers.trackers.yolox import PersonDetector

SHARED = Path(__file__).parents[3] / "shared"
MODEL = SHARED / "models/yolox_nano_8xb8-300e_humanart-40f6f0d0.onnx"
CLIPS = {"sports2d_demo.mp4": (1, 3), "pose2sim_multi_cam01.mp4": (2, 4)}

pytestmark = pytest.mark.skipif(not MODEL.exists(), reason="no real weights beside the checkout")


def first_frame(name: str) -> np.ndarray:
    path = SHARED / "videos" / name
    if not path.exists():
        pytest.skip(f"no {name} beside the checkout")
    ok, picture = cv2.VideoCapture(str(path)).read()
    assert ok
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


@pytest.fixture(scope="module")
def detector() -> PersonDetector:
    return PersonDetector(load_batched(MODEL, "cpu", threads=1), confidence=0.5)


@pytest.mark.parametrize(("name", "people"), CLIPS.items())
def test_people_are_found_upright_and_whole(
    detector: PersonDetector, name: str, people: tuple[int, int]
) -> None:
    picture = first_frame(name)
    (boxes,) = detector.detect([picture])
    assert people[0] <= len(boxes) <= people[1]
    assert (boxes[:, 2:] <= (picture.shape[1], picture.shape[0])).all()
    tall, wide = boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]
    assert (tall > wide).all()


def test_nobody_in_noise(detector: PersonDetector) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (360, 640, 3)).astype(np.uint8)
    assert [len(boxes) for boxes in detector.detect([noise, np.zeros_like(noise)])] == [0, 0]
