"""RTMO: all people of a picture in one stage, 17 keypoints without feet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from posebatch_shared.jobs import Preset
from posebatch_shared.poses import Floats, FramePoses
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import CONFIDENCE, SingleFrames, TrackerRequest
from posebatch_workers.trackers.batches import BatchedNetwork, Outputs, load_batched
from posebatch_workers.trackers.crop import BGR, from_letterbox, letterbox, people
from posebatch_workers.trackers.models import cache_folder, find_model
from posebatch_workers.trackers.proof import prove
from posebatch_workers.trackers.providers import device_name
from posebatch_workers.trackers.runtime import onnx_runtime
from posebatch_workers.trackers.skeletons import COCO_17
from posebatch_workers.trackers.yolox import suppress
from posebatch_workers.video.frames import Frame

MODELS: Mapping[Preset, str] = MappingProxyType(
    {"fast": "rtmo-s", "balanced": "rtmo-s", "accurate": "rtmo-m"}
)


class Rtmo(SingleFrames):
    """Each frame by itself; its cost does not grow with the number of people."""

    skeleton = COCO_17

    def __init__(self, network: BatchedNetwork, *, confidence: float, info: TrackerInfo) -> None:
        self.info = info
        self._network = network
        self._confidence = confidence
        self._timer = StageTimer()

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        """As in Tracker."""
        self._timer = timer

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """As in Tracker."""
        _, height, width = self._network.input_shape

        def prepare(item: int, out: Floats) -> None:
            BGR.write(letterbox(frames[item].pixels, height, width), out)

        with self._timer.stage("infer"):
            answers = self._network.map(len(frames), prepare)
        with self._timer.stage("extract"):
            return [
                self._poses(frame, answer) for frame, answer in zip(frames, answers, strict=True)
            ]

    def close(self) -> None:
        """As in Tracker."""
        self._network.close()

    def _poses(self, frame: Frame, answer: Outputs) -> FramePoses:
        """From dets (N, 5) x1, y1, x2, y2, score and keypoints (N, 17, 3) x, y, score."""
        dets, keypoints = answer[:2]
        sure = np.flatnonzero(dets[:, 4] >= self._confidence)
        rows = sure[suppress(dets[sure, :4], dets[sure, 4])] if len(sure) else sure
        _, height, width = self._network.input_shape
        shape = frame.pixels.shape
        corners = from_letterbox(dets[rows, :4].reshape(-1, 2, 2), shape, height, width)
        points = from_letterbox(keypoints[rows, :, :2], shape, height, width)
        scores = np.clip(keypoints[rows, :, 2], 0.0, 1.0)
        return people(frame, self.skeleton, points, scores, corners.reshape(-1, 4))


def create(request: TrackerRequest) -> Rtmo:
    """A warm tracker on the request's device.

    Raises ModelMissing, ModelCorrupt, DeviceUnavailable.
    """
    onnxruntime = onnx_runtime()

    prove(request.device)  # before the model is looked for: a refusal names the real obstacle
    model = find_model(MODELS[request.quality], model_dir=request.model_dir, fetch=request.fetch)
    network = load_batched(
        model.path, request.device, threads=request.threads, cache=cache_folder()
    )
    return Rtmo(
        network,
        confidence=CONFIDENCE[request.quality],
        info=TrackerInfo(
            name="rtmo",
            model=model.name,
            model_sha256=model.sha256,
            device=device_name(request.device),
            provider=network.provider,
            versions={"onnxruntime": str(onnxruntime.__version__)},
        ),
    )
