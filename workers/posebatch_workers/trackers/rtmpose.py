"""RTMPose: a detector now and then, and a pose network on a crop of every person in every frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from posebatch_shared.jobs import Preset
from posebatch_shared.poses import Floats, FramePoses
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import CONFIDENCE, SingleFrames, TrackerRequest
from posebatch_workers.trackers.batches import BatchedNetwork, load_batched
from posebatch_workers.trackers.crop import (
    BGR,
    IMAGENET_BGR,
    IMAGENET_RGB,
    MARGIN,
    crop_windows,
    cut,
    from_windows,
    people,
)
from posebatch_workers.trackers.models import cache_folder, find_model
from posebatch_workers.trackers.providers import device_name
from posebatch_workers.trackers.rtmpose_boxes import Lanes, Look, detection_frames, distinct
from posebatch_workers.trackers.simcc import decode_simcc
from posebatch_workers.trackers.skeletons import HALPE_26
from posebatch_workers.trackers.yolox import PersonDetector
from posebatch_workers.video.frames import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The models of a preset, by their names in the registry."""

    pose: str
    detector: str


SIZES: Mapping[Preset, Size] = MappingProxyType(
    {
        "fast": Size(pose="rtmpose-t", detector="yolox-nano"),
        "balanced": Size(pose="rtmpose-s", detector="yolox-tiny"),
        "accurate": Size(pose="rtmpose-m", detector="yolox-m"),
    }
)
RTMDET = "rtmdet-nano"


class RtmPose(SingleFrames):
    """All people of every frame, 26 keypoints with feet.

    Looks ahead within the frames of one call, so calls should bring a fifth of a second or more;
    with a single frame per call the detector runs on each. Nobody detected means nobody answered.
    """

    skeleton = HALPE_26

    def __init__(
        self,
        detector: PersonDetector,
        pose: BatchedNetwork,
        *,
        confidence: float,
        info: TrackerInfo,
    ) -> None:
        self.info = info
        self._detector = detector
        self._pose = pose
        self._confidence = confidence
        #: Boxes at the last frame of the call before; None at the start of a video.
        self._carried: list[Floats] | None = None
        self._forget(1 / 30, StageTimer())

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        """As in Tracker."""
        self._forget(1 / video.fps if video.fps > 0 else 1 / 30, timer)

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """As in Tracker."""
        if not frames:
            return []
        with self._timer.stage("detect"):
            lanes = self._detect(frames)
        looks = lanes.looks(len(frames))
        with self._timer.stage("infer"):
            points, scores = self._estimate(frames, looks)
        with self._timer.stage("extract"):
            kept = self._believed(len(frames), looks, points, scores)
            self._carried = [
                looks[row].box if looks[row].sure else _box_around(points[row]) for row in kept[-1]
            ]
            boxes = (
                np.stack([look.box for look in looks]) if looks else np.empty((0, 4), np.float32)
            )
            return [
                people(frame, self.skeleton, points[rows], scores[rows], boxes[rows])
                for frame, rows in zip(frames, kept, strict=True)
            ]

    def end(self) -> list[FramePoses]:
        """As in Tracker."""
        return []

    def close(self) -> None:
        """As in Tracker."""
        self._detector.network.close()
        self._pose.close()

    def _forget(self, seconds_per_frame: float, timer: StageTimer) -> None:
        self._seconds_per_frame, self._timer = seconds_per_frame, timer
        self._carried = None

    def _detect(self, frames: Sequence[Frame]) -> Lanes:
        lanes = Lanes((-1, box) for box in self._carried or ())
        chosen = detection_frames(len(frames), self._seconds_per_frame, first=self._carried is None)
        found = self._detector.detect([frames[number].pixels for number in chosen])
        for number, boxes in zip(chosen, found, strict=True):
            lanes.add(number, boxes)
        return lanes

    def _estimate(self, frames: Sequence[Frame], looks: Sequence[Look]) -> tuple[Floats, Floats]:
        """Points (L, K, 2) in picture pixels and scores (L, K) of every look."""
        _, height, width = self._pose.input_shape
        if not looks:
            nothing = np.empty((0, len(self.skeleton.nodes), 2), np.float32)
            return nothing, nothing[:, :, 0]
        windows = crop_windows(_boxes(looks), height, width)

        def prepare(item: int, out: Floats) -> None:
            pixels = frames[looks[item].frame].pixels
            IMAGENET_RGB.write(cut(pixels, windows[item], height, width), out)

        answers = self._pose.map(len(looks), prepare)
        simcc_x, simcc_y = (np.stack([answer[axis] for answer in answers]) for axis in (0, 1))
        points, scores = decode_simcc(simcc_x, simcc_y)
        return from_windows(points, windows, height, width), scores

    def _believed(
        self, frames: int, looks: Sequence[Look], points: Floats, scores: Floats
    ) -> list[list[int]]:
        """For each frame the rows of its poses: detected, or confident where one is only near."""
        confident = scores.mean(axis=1) >= self._confidence
        rows: list[list[int]] = [[] for _ in range(frames)]
        for row, look in enumerate(looks):
            if look.sure or confident[row]:
                rows[look.frame].append(row)
        return [[here[i] for i in distinct(points[here], scores[here])] for here in rows]


def _boxes(looks: Sequence[Look]) -> Floats:
    return np.array([look.box for look in looks], np.float32).reshape(-1, 4)


def _box_around(points: Floats) -> Floats:
    """The body's box from its keypoints, which lie inside it."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * MARGIN
    return np.concatenate([middle - half, middle + half])


def create(request: TrackerRequest, *, device: str, rtmdet: bool = False) -> RtmPose:
    """A warm tracker on `device` (cpu, cuda, tensorrt, coreml), with RTMDet instead of YOLOX if so.

    Raises ModelMissing, ModelCorrupt, DeviceUnavailable.
    """
    import onnxruntime

    size = SIZES[request.quality]
    find = partial(find_model, model_dir=request.model_dir, fetch=request.fetch)
    detector, pose = find(RTMDET if rtmdet else size.detector), find(size.pose)
    load = partial(load_batched, threads=request.threads, cache=cache_folder())
    # CoreML rejects the detectors' suppression, so they stay on the CPU there.
    found = load(detector.path, "cpu" if device == "coreml" else device)
    network = load(pose.path, device)
    confidence = CONFIDENCE[request.quality]
    colours = IMAGENET_BGR if rtmdet else BGR
    return RtmPose(
        PersonDetector(found, confidence=confidence, normalisation=colours),
        network,
        confidence=confidence,
        info=TrackerInfo(
            name="rtmpose-rtmdet" if rtmdet else f"rtmpose-{device}",
            model=f"{pose.name} + {detector.name}",
            model_sha256=f"{pose.sha256}+{detector.sha256}",
            device=device_name(device),
            provider=network.provider,
            versions={"onnxruntime": str(onnxruntime.__version__)},
        ),
    )
