"""What every tracker can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from posebatch_shared.poses import FramePoses, Skeleton
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.video.frames import Frame


class Tracker(Protocol):
    """Loaded once per process, warmed up, and used for every video after.

    N videos through one tracker give what N fresh trackers give. Errors: DeviceLost when the device
    fails in the middle.
    """

    info: TrackerInfo
    skeleton: Skeleton

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        """Forget the last video; later stages (detect, infer, extract) are booked on `timer`."""

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """Poses of consecutive frames, one answer per frame, in order. Frames are not kept."""

    def end(self) -> list[FramePoses]:
        """Answers still held back for look-ahead (usually none); the video is over."""

    def close(self) -> None:
        """Free the model. The tracker cannot be used afterwards."""
