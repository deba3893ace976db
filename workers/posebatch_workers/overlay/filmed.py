"""A tracker whose pictures are kept for the film while it works on them."""

from __future__ import annotations

from collections.abc import Sequence

from posebatch_shared.poses import FramePoses
from posebatch_shared.results import VideoInfo
from posebatch_workers.overlay.spool import Spool
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import Tracker
from posebatch_workers.video.frames import Frame


class Filmed:
    """A Tracker that answers like another one; what that one looks at is stored in a spool."""

    def __init__(self, tracker: Tracker, spool: Spool) -> None:
        self._tracker, self._spool = tracker, spool
        self.info, self.skeleton = tracker.info, tracker.skeleton
        self.any_order = tracker.any_order

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        """As in Tracker."""
        self._spool.begin(video.fps)
        self._tracker.begin(video, timer)

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """As in Tracker."""
        with self._spool.keeping(frames):
            return self._tracker.track(frames)

    def end(self) -> list[FramePoses]:
        """As in Tracker."""
        return self._tracker.end()

    def close(self) -> None:
        """As in Tracker."""
        self._tracker.close()
