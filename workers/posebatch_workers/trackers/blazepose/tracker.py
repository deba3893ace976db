"""The tracker: follow one person from crop to crop, look at the whole picture when lost."""

from __future__ import annotations

from collections.abc import Sequence

from posebatch_shared.jobs import Preset
from posebatch_shared.poses import FramePoses
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import (
    CONFIDENCE,
    SingleFrames,
    TrackerRequest,
    nobody,
    one_person,
)
from posebatch_workers.trackers.blazepose.detector import Detector
from posebatch_workers.trackers.blazepose.landmarks import Body, Landmarks
from posebatch_workers.trackers.blazepose.networks import load_networks
from posebatch_workers.trackers.blazepose.regions import Region
from posebatch_workers.trackers.models import find_model
from posebatch_workers.trackers.skeletons import BLAZEPOSE_33
from posebatch_workers.video.frames import Frame


class BlazePose(SingleFrames):
    """The most prominent person per frame, each frame for itself: nothing is filtered over time,
    so fast events stay where they are and standing still shows the network's noise."""

    skeleton = BLAZEPOSE_33

    def __init__(
        self, detector: Detector, landmarks: Landmarks, *, quality: Preset, info: TrackerInfo
    ) -> None:
        self._detector = detector
        self._landmarks = landmarks
        self._confidence = CONFIDENCE[quality]
        self._region: Region | None = None
        self._timer = StageTimer()
        self.info = info

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        """As in Tracker."""
        self._region = None
        self._timer = timer

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """As in Tracker."""
        return [self._track_one(frame) for frame in frames]

    def end(self) -> list[FramePoses]:
        """As in Tracker."""
        return []

    def close(self) -> None:
        """As in Tracker."""
        del self._detector, self._landmarks

    def _track_one(self, frame: Frame) -> FramePoses:
        body = self._followed(frame) or self._found(frame)
        self._region = body.next_region if body else None
        if body is None:
            return nobody(frame, self.skeleton)
        return one_person(frame, body.keypoints, body.visibility)

    def _followed(self, frame: Frame) -> Body | None:
        return self._body_in(frame, self._region) if self._region else None

    def _found(self, frame: Frame) -> Body | None:
        with self._timer.stage("detect"):
            region = self._detector.find(frame.pixels)
        return self._body_in(frame, region) if region else None

    def _body_in(self, frame: Frame, region: Region) -> Body | None:
        with self._timer.stage("infer"):
            body = self._landmarks.find(frame.pixels, region)
        return body if body.presence >= self._confidence else None


def create(request: TrackerRequest, *, variant: str) -> BlazePose:
    """A warm tracker with the lite, full or heavy networks of MediaPipe.

    Raises ModelMissing, ModelCorrupt, DeviceUnavailable.
    """
    model = find_model(f"mediapipe-{variant}", model_dir=request.model_dir, fetch=request.fetch)
    networks = load_networks(model.path, device=request.device, threads=request.threads or 1)
    info = TrackerInfo(
        name="blazepose" if variant == "lite" else f"blazepose-{variant}",
        model=model.name,
        model_sha256=model.sha256,
        device=request.device,
        provider=networks.landmarks.provider,
        versions={"onnxruntime": networks.landmarks.version},
    )
    detector = Detector(networks.detector, confidence=CONFIDENCE[request.quality])
    landmarks = Landmarks(networks.landmarks)
    return BlazePose(detector, landmarks, quality=request.quality, info=info)
