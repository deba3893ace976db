"""RTMDet as RTMPose's detector: its colours, its boxes, and the whole way to poses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rtmlib import RTMDet

from networks import markers
from posebatch_workers.trackers.base import SingleFrames
from posebatch_workers.trackers.batches import load_batched
from posebatch_workers.trackers.crop import BGR, IMAGENET_BGR, IMAGENET_RGB, Normalisation
from posebatch_workers.trackers.factory import create_tracker
from posebatch_workers.trackers.models import registry
from posebatch_workers.trackers.yolox import PersonDetector
from posebatch_workers.video.frames import Frame

SHAPE = (720, 1280)
SIZE = (SHAPE[1], SHAPE[0])


def body(x: float, y: float, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(4), np.arange(7)), axis=-1).reshape(-1, 2)[:26]
    return np.array((x, y)) + (grid + rng.uniform(-0.15, 0.15, grid.shape)) * 45


def picture(*people: np.ndarray) -> np.ndarray:
    pixels = np.full((*SHAPE, 3), 90, np.uint8)
    for skin, points in enumerate(people):
        markers.draw(pixels, points, skin=skin)
    return pixels


def frame(index: int, *people: np.ndarray) -> Frame:
    return Frame(frame_index=index, pts_seconds=index / 30, pixels=picture(*people))


def jumping(index: int) -> np.ndarray:
    return body(400 + 2 * index, 250 - 60 * max(0.0, np.sin(0.06 * np.pi * index)))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models under the names that the registry has for them."""
    folder = tmp_path_factory.mktemp("models")
    markers.rtmdet_network(folder / registry()["rtmdet-nano"].file)
    markers.simcc_network(folder / registry()["rtmpose-s"].file)
    return folder


@pytest.fixture
def tracker(models: Path) -> SingleFrames:
    made = create_tracker("rtmpose-rtmdet", quality="balanced", model_dir=models, threads=2)
    assert isinstance(made, SingleFrames)
    return made


def detect(folder: Path, pixels: np.ndarray, normalisation: Normalisation) -> np.ndarray:
    network = load_batched(folder / registry()["rtmdet-nano"].file, "cpu", threads=1)
    detector = PersonDetector(network, confidence=0.5, normalisation=normalisation)
    (boxes,) = detector.detect([pixels])
    return boxes


def test_markers_come_back_to_half_a_pixel(tracker: SingleFrames) -> None:
    answers = tracker.track([frame(i, jumping(i)) for i in range(30)])
    assert [len(answer.scores) for answer in answers] == [1] * 30
    found = np.stack([answer.keypoints[0, :, :2] for answer in answers]) * SIZE
    apart = np.linalg.norm(found - np.stack([jumping(i) for i in range(30)]), axis=2)
    assert apart.mean() < 0.5
    assert tracker.info.name == "rtmpose-rtmdet"
    assert tracker.info.model == "rtmpose-s + rtmdet-nano"


def test_two_people_and_nobody(tracker: SingleFrames) -> None:
    people = [body(200, 200), body(800, 250, seed=2)]
    both, none = tracker.track([frame(0, *people)]), tracker.track([frame(1)])
    order = np.argsort(both[0].bboxes[:, 0])
    assert np.abs(both[0].keypoints[order, :, :2] * SIZE - people).max() < 1.5
    assert len(none[0].scores) == 0


def test_swapped_channels_are_caught(tracker: SingleFrames) -> None:
    swapped = picture(jumping(0))[:, :, ::-1].copy()
    (answer,) = tracker.track([Frame(frame_index=0, pts_seconds=0.0, pixels=swapped)])
    assert len(answer.scores) == 0


@pytest.mark.parametrize("wrong", [BGR, IMAGENET_RGB])
def test_only_its_own_colours_find_anybody(models: Path, wrong: Normalisation) -> None:
    pixels = picture(jumping(0))
    assert len(detect(models, pixels, IMAGENET_BGR)) == 1
    assert len(detect(models, pixels, wrong)) == 0


def test_boxes_agree_with_rtmlibs(models: Path) -> None:
    pixels = picture(body(200, 200), body(800, 250, seed=2))
    file = str(models / registry()["rtmdet-nano"].file)
    theirs = RTMDet(file, (320, 320), backend="onnxruntime")(pixels[:, :, ::-1].copy())
    ours = detect(models, pixels, IMAGENET_BGR)
    # A pixel of the network is four of the picture; rtmlib leaves out the half at its edge.
    assert np.abs(ours - theirs).max() <= 2.0
    assert (ours[:, 3] <= SHAPE[0]).all()


def test_what_is_no_person_is_left_out(tmp_path: Path) -> None:
    markers.rtmdet_network(tmp_path / registry()["rtmdet-nano"].file, classes=(0, 16))
    boxes = detect(tmp_path, picture(body(200, 200), body(800, 250)), IMAGENET_BGR)
    assert len(boxes) == 1
    assert boxes[0, 0] == pytest.approx(body(200, 200)[:, 0].min() - 24, abs=4)
