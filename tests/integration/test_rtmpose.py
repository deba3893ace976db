"""Is the whole way from pixels to poses right, with networks that really find what was drawn?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from networks import markers
from networks.people import (
    HEIGHT,
    INFO,
    WIDTH,
    body,
    error,
    frame,
    jumping,
    pixels,
    track,
    video,
)
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.batches import load_batched
from posebatch_workers.trackers.rtmpose import RtmPose
from posebatch_workers.trackers.yolox import PersonDetector
from posebatch_workers.video.frames import Frame


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("networks")
    markers.simcc_network(folder / "dynamic.onnx")
    markers.simcc_network(folder / "single.onnx", batch=1)
    markers.yolox_network(folder / "yolox.onnx")
    return folder


@pytest.fixture
def make(networks: Path) -> Callable[..., RtmPose]:
    def create(pose: str = "dynamic", batch: int = 1) -> RtmPose:
        detector = load_batched(networks / "yolox.onnx", "cpu", threads=2)
        network = load_batched(networks / f"{pose}.onnx", "cpu", threads=2)
        network.batch = batch if pose == "dynamic" else network.batch
        return RtmPose(PersonDetector(detector, confidence=0.5), network, confidence=0.3, info=INFO)

    return create


@pytest.fixture
def rtmpose(make: Callable[..., RtmPose]) -> RtmPose:
    return make()


@pytest.mark.parametrize(("pose", "batch"), [("dynamic", 1), ("dynamic", 5), ("single", 1)])
def test_markers_come_back_to_half_a_pixel(
    make: Callable[..., RtmPose], pose: str, batch: int
) -> None:
    frames = [frame(i, jumping(i)) for i in range(40)]
    answers = track(make(pose, batch), frames)
    errors = [error(answer, jumping(i)) for i, answer in enumerate(answers)]
    assert [a.frame_index for a in answers] == list(range(40))
    assert np.mean(errors) < 0.25
    assert max(errors) < 0.5


def test_a_quarter_turn_of_the_picture_turns_the_answer(rtmpose: RtmPose) -> None:
    upright = frame(0, body(180, 200, 280))
    turned = Frame(frame_index=0, pts_seconds=0.0, pixels=np.rot90(upright.pixels).copy())
    (answer,) = track(rtmpose, [turned])
    x, y = body(180, 200, 280).T
    truth = np.stack([y, WIDTH - 1 - x], axis=1)
    assert np.linalg.norm(pixels(answer, (WIDTH, HEIGHT))[0] - truth, axis=1).mean() < 0.5


def test_swapped_channels_are_caught(rtmpose: RtmPose) -> None:
    picture = frame(0, jumping(0))
    swapped = Frame(frame_index=0, pts_seconds=0.0, pixels=picture.pixels[:, :, ::-1].copy())
    assert len(track(rtmpose, [swapped])[0].scores) == 0


@pytest.mark.parametrize("channels", [(2, 1, 0), (1, 0, 2)])
def test_the_pose_network_depends_on_channel_order(
    rtmpose: RtmPose, monkeypatch: pytest.MonkeyPatch, channels: tuple[int, ...]
) -> None:
    from posebatch_workers.trackers import rtmpose as module

    right = module.cut

    def wrong(*args: object) -> np.ndarray:
        return np.ascontiguousarray(right(*args)[:, :, channels])

    monkeypatch.setattr(module, "cut", wrong)
    (answer,) = track(rtmpose, [frame(0, jumping(0))])
    assert error(answer, jumping(0)) > 20


def test_process_frame_takes_bgr_and_names_the_landmarks(rtmpose: RtmPose) -> None:
    truth = jumping(0)
    named = rtmpose.process_frame(np.ascontiguousarray(frame(0, truth).pixels[:, :, ::-1]))
    assert named is not None
    assert len(named) == 13
    x, y, visibility = named["right_heel"]
    assert (x * WIDTH, y * HEIGHT) == pytest.approx(tuple(truth[25]), abs=0.7)
    assert visibility > 0.3
    assert rtmpose.process_frame(np.full((HEIGHT, WIDTH, 3), 90, np.uint8)) is None


def test_nobody_is_nobody(rtmpose: RtmPose) -> None:
    answers = track(rtmpose, [frame(i) for i in range(10)])
    assert [len(a.scores) for a in answers] == [0] * 10


def test_several_people_come_back_with_their_boxes(rtmpose: RtmPose) -> None:
    people = [body(60, 300, 250), body(330, 250, 250)]
    answers = track(rtmpose, [frame(i, *people) for i in range(12)])
    for answer in answers:
        order = np.argsort(answer.bboxes[:, 0])
        assert len(order) == 2
        assert np.abs(pixels(answer)[order] - people).max() < 1.0
        assert answer.bboxes[order[0]] * (WIDTH, HEIGHT, WIDTH, HEIGHT) == pytest.approx(
            [*(people[0].min(axis=0) - 24), *(people[0].max(axis=0) + 24)], abs=3
        )


def test_someone_who_enters_between_detections_is_found_from_the_later_one(
    rtmpose: RtmPose,
) -> None:
    there = [i >= 3 for i in range(12)]
    frames = [frame(i, *([jumping(0)] if here else [])) for i, here in enumerate(there)]
    answers = track(rtmpose, frames, batch=12)
    assert [len(a.scores) > 0 for a in answers] == there


def test_a_detection_missed_in_flight_is_bridged(
    make: Callable[..., RtmPose], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = make()
    real = tracker._detector.detect
    calls = iter(range(1000))

    def misses(pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
        gone = np.empty((0, 4), np.float32)
        return [gone if next(calls) % 3 == 2 else boxes for boxes in real(pictures)]

    monkeypatch.setattr(tracker._detector, "detect", misses)
    answers = track(tracker, [frame(i, jumping(i)) for i in range(60)])
    errors = [error(answer, jumping(i)) for i, answer in enumerate(answers)]
    assert np.mean(errors) < 0.25
    assert max(errors) < 1.0


def test_the_detector_pauses_whatever_the_frame_rate(rtmpose: RtmPose) -> None:
    seen = []
    real = rtmpose._detector.detect
    rtmpose._detector.detect = lambda pictures: (seen.extend(pictures), real(pictures))[1]  # type: ignore[method-assign]
    track(rtmpose, [frame(i, jumping(0)) for i in range(96)], batch=48, fps=240)
    assert len(seen) == 3  # the first frame, and the last of either call
    seen.clear()
    track(rtmpose, [frame(i, jumping(0)) for i in range(96)], batch=4, fps=240)
    assert len(seen) == 3  # the first frame, the last of the first call, and one in between


def test_stages_are_booked(rtmpose: RtmPose) -> None:
    timer = StageTimer()
    rtmpose.begin(video(), timer)
    rtmpose.track([frame(0, jumping(0))])
    assert {"detect", "infer", "extract"} <= {t.stage for t in timer.timings()}
