"""RTMPose: a detector now and then, and a pose network on a crop of every person in every frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from posebatch_shared.poses import Floats, FramePoses
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import SingleFrames, nobody
from posebatch_workers.trackers.crop import (
    IMAGENET_RGB,
    MARGIN,
    crop_windows,
    cut,
    from_windows,
)
from posebatch_workers.trackers.network import Network
from posebatch_workers.trackers.rtmpose_boxes import Lanes, Look, detection_frames, distinct
from posebatch_workers.trackers.simcc import decode_simcc
from posebatch_workers.trackers.skeletons import HALPE_26
from posebatch_workers.trackers.yolox import PersonDetector
from posebatch_workers.video.frames import Frame


class RtmPose(SingleFrames):
    """All people of every frame, 26 keypoints with feet.

    Looks ahead within the frames of one call, so calls should bring a fifth of a second or more;
    with a single frame per call the detector runs on each. Nobody detected means nobody answered.
    """

    skeleton = HALPE_26

    def __init__(
        self, detector: PersonDetector, pose: Network, *, confidence: float, info: TrackerInfo
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
            kept = self._believed(looks, points, scores)
            self._carried = [
                looks[row].box if looks[row].sure else _box_around(points[row])
                for row in kept[len(frames) - 1]
            ]
            return [
                _people(frame, looks, points, scores, kept[number])
                for number, frame in enumerate(frames)
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
        nodes = len(self.skeleton.nodes)
        if not looks:
            return np.empty((0, nodes, 2), np.float32), np.empty((0, nodes), np.float32)
        windows = crop_windows(np.stack([look.box for look in looks]), height, width)

        def prepare(item: int, out: Floats) -> None:
            pixels = frames[looks[item].frame].pixels
            IMAGENET_RGB.write(cut(pixels, windows[item], height, width), out)

        answers = self._pose.map(len(looks), prepare)
        simcc_x, simcc_y = (np.stack([answer[axis] for answer in answers]) for axis in (0, 1))
        points, scores = decode_simcc(simcc_x, simcc_y)
        return from_windows(points, windows, height, width), scores

    def _believed(
        self, looks: Sequence[Look], points: Floats, scores: Floats
    ) -> dict[int, list[int]]:
        """Frame → rows of its poses: detected, or confident where a detection is only near."""
        confident = scores.mean(axis=1) >= self._confidence
        rows: dict[int, list[int]] = defaultdict(list)
        for row, look in enumerate(looks):
            if look.sure or confident[row]:
                rows[look.frame].append(row)
        for frame, candidates in rows.items():
            keep = distinct(points[candidates], scores[candidates])
            rows[frame] = [row for row, kept in zip(candidates, keep, strict=True) if kept]
        return rows


def _box_around(points: Floats) -> Floats:
    """The body's box from its keypoints, which lie inside it."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * MARGIN
    return np.concatenate([middle - half, middle + half])


def _people(
    frame: Frame, looks: Sequence[Look], points: Floats, scores: Floats, rows: list[int]
) -> FramePoses:
    if not rows:
        return nobody(frame, HALPE_26)
    size = np.array((frame.pixels.shape[1], frame.pixels.shape[0]), np.float32)
    flat = points[rows] / size
    depth = np.zeros((*flat.shape[:2], 1), np.float32)
    return FramePoses(
        frame_index=frame.frame_index,
        pts_seconds=frame.pts_seconds,
        keypoints=np.concatenate([flat, depth], axis=2),
        scores=scores[rows],
        bboxes=np.stack([looks[row].box for row in rows]) / np.tile(size, 2).astype(np.float32),
    )
