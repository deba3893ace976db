"""MediaPipe's own Pose Landmarker, in its video mode, as a tracker."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from posebatch_shared.jobs import Preset
from posebatch_shared.poses import FramePoses
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import (
    CONFIDENCE,
    SingleFrames,
    TrackerRequest,
    nobody,
    people_in,
)
from posebatch_workers.trackers.models import ModelFile, find_model
from posebatch_workers.trackers.offline import call_offline
from posebatch_workers.trackers.runtime import media_pipe
from posebatch_workers.trackers.skeletons import BLAZEPOSE_33
from posebatch_workers.video.frames import Frame

_BLACK = np.zeros((64, 64, 3), np.uint8)
_FIRST_MS = 1  #: of a video that starts at 0, after the black picture


class MediaPipePose(SingleFrames):
    """The one most prominent person per frame, filtered over time by MediaPipe itself.

    The filter cannot be switched off; it delays what moves fast, landings above all.
    """

    skeleton = BLAZEPOSE_33

    def __init__(self, model: ModelFile, *, quality: Preset, variant: str) -> None:
        self._mediapipe = mediapipe = media_pipe()
        self._create = partial(_create, model.path, CONFIDENCE[quality])
        self._timer = StageTimer()
        self.info = TrackerInfo(
            name="mediapipe" if variant == "lite" else f"mediapipe-{variant}",
            model=model.name,
            model_sha256=model.sha256,
            device="cpu",
            provider="XNNPACK",
            versions={"mediapipe": mediapipe.__version__},
        )
        self._start()

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        """As in Tracker."""
        if self._clock_ms:  # it has seen more than the black picture
            self.close()
            self._start()
        self._timer = timer

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """As in Tracker."""
        return [self._track_one(frame) for frame in frames]

    def close(self) -> None:
        """As in Tracker."""
        self._landmarker.close()

    def _start(self) -> None:
        """A warm landmarker for one video. One that has seen somebody cannot forget: a picture of
        nobody resets where they were, but not the filter of how visible each landmark was."""
        self._landmarker = call_offline(self._create)
        self._clock_ms = -1  # of the last frame given; must grow for the landmarker's whole life
        self._landmark(_BLACK, 0)

    def _track_one(self, frame: Frame) -> FramePoses:
        with self._timer.stage("infer"):
            at_ms = _FIRST_MS + round(frame.pts_seconds * 1000)
            people = self._landmark(np.ascontiguousarray(frame.pixels), at_ms)
        with self._timer.stage("extract"):
            if not people:
                return nobody(frame, self.skeleton)
            rows = [[(p.x, p.y, p.z, p.visibility) for p in person] for person in people]
            points = np.array(rows, np.float32)
            return people_in(frame, points[:, :, :3], points[:, :, 3])

    def _landmark(self, pixels: np.ndarray[Any, Any], at_ms: int) -> list[Any]:
        self._clock_ms = max(at_ms, self._clock_ms + 1)
        image = self._mediapipe.Image(self._mediapipe.ImageFormat.SRGB, pixels)
        answer = self._landmarker.detect_for_video(image, self._clock_ms)
        return list(answer.pose_landmarks)


def _create(path: Path, confidence: float) -> Any:
    tasks = media_pipe().tasks
    vision = tasks.vision
    options = vision.PoseLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(path)),
        running_mode=vision.RunningMode.VIDEO,
        min_pose_detection_confidence=confidence,
        min_pose_presence_confidence=confidence,
        min_tracking_confidence=confidence,
    )
    return vision.PoseLandmarker.create_from_options(options)


def create(request: TrackerRequest, *, variant: str) -> MediaPipePose:
    """A warm tracker with the lite, full or heavy model, on the CPU with threads of its own choice.

    Raises ModelMissing, ModelCorrupt, DeviceUnavailable.
    """
    model = find_model(f"mediapipe-{variant}", model_dir=request.model_dir, fetch=request.fetch)
    return MediaPipePose(model, quality=request.quality, variant=variant)
