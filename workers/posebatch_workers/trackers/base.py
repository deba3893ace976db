"""What every tracker can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from posebatch_shared.jobs import Preset
from posebatch_shared.poses import JUMP_LANDMARKS, Floats, FramePoses, Skeleton
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.video.frames import Frame

#: Confidence from which a person counts as found, present and still tracked.
CONFIDENCE: Mapping[Preset, float] = MappingProxyType(
    {"fast": 0.3, "balanced": 0.5, "accurate": 0.6}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerRequest:
    """What a tracker is made from."""

    quality: Preset
    device: str = "cpu"  #: cpu | cuda | coreml
    model_dir: Path | None = None
    threads: int | None = None  #: of one inference; None: the tracker's own choice
    fetch: bool = True  #: whether a missing model may be downloaded


class Tracker(Protocol):
    """Loaded once per process, warmed up, and used for every video after.

    N videos through one tracker give what N fresh trackers give. Errors: DeviceLost when the device
    fails in the middle.
    """

    info: TrackerInfo
    skeleton: Skeleton  #: with all JUMP_LANDMARKS, or all but heels and toes
    any_order: bool  #: whether it can go back to earlier frames of the same video, one by one

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        """Forget the last video; later stages (detect, infer, extract) are booked on `timer`."""

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """Poses of consecutive frames, one answer per frame, in order. Frames are not kept."""

    def end(self) -> list[FramePoses]:
        """Answers still held back for look-ahead (usually none); the video is over."""

    def close(self) -> None:
        """Free the model. The tracker cannot be used afterwards."""


class SingleFrames:
    """What trackers that hold no answer back share; the plain call: one picture in, named points
    out."""

    skeleton: Skeleton
    any_order = False

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """As in Tracker."""
        raise NotImplementedError

    def end(self) -> list[FramePoses]:
        """As in Tracker."""
        return []

    def process_frame(
        self, frame: NDArray[np.uint8], timestamp_ms: int = 0
    ) -> dict[str, tuple[float, float, float]] | None:
        """Jump landmarks (x, y, visibility) of the first person, None without one.

        `frame` is BGR (height, width, 3) as OpenCV reads it; x and y are 0–1 of the picture.
        """
        pixels = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)
        picture = Frame(frame_index=0, pts_seconds=timestamp_ms / 1000, pixels=pixels)
        (poses,) = self.track([picture])
        if not len(poses.scores):
            return None
        return _named(self.skeleton, poses.keypoints[0], poses.scores[0])


def _named(
    skeleton: Skeleton, points: Floats, scores: Floats
) -> dict[str, tuple[float, float, float]]:
    rows = {name: skeleton.index(name) for name in JUMP_LANDMARKS}
    return {
        name: (float(points[row, 0]), float(points[row, 1]), float(scores[row]))
        for name, row in rows.items()
        if row is not None
    }


def people_in(frame: Frame, keypoints: Floats, scores: Floats) -> FramePoses:
    """The answer for N people: keypoints (N, K, 3), scores (N, K); boxes are drawn around them."""
    points = keypoints[:, :, :2]
    return FramePoses(
        frame_index=frame.frame_index,
        pts_seconds=frame.pts_seconds,
        keypoints=keypoints,
        scores=scores,
        bboxes=np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1),
    )


def nobody(frame: Frame, skeleton: Skeleton) -> FramePoses:
    """The answer for a frame without people."""
    nodes = len(skeleton.nodes)
    return people_in(frame, np.empty((0, nodes, 3), np.float32), np.empty((0, nodes), np.float32))
