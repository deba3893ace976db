"""RTMPose: a detector now and then, and a pose network on a crop of every person in every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from posebatch_shared.poses import Floats, FramePoses
from posebatch_shared.results import TrackerInfo, VideoInfo
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import SingleFrames
from posebatch_workers.trackers.batches import BatchedNetwork
from posebatch_workers.trackers.crop import (
    IMAGENET_RGB,
    MARGIN,
    crop_windows,
    cut,
    from_windows,
    people,
)
from posebatch_workers.trackers.rtmpose_boxes import (
    PAUSE_SECONDS,
    Lanes,
    Look,
    Way,
    detection_frames,
    distinct,
)
from posebatch_workers.trackers.simcc import decode_simcc
from posebatch_workers.trackers.skeletons import HALPE_26
from posebatch_workers.trackers.yolox import PersonDetector
from posebatch_workers.video.frames import Frame

_UNKNOWN_FPS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Poses:
    """P poses in picture pixels: points (P, K, 2), scores (P, K); frames and boxes looked at."""

    looks: list[Look]
    points: Floats
    scores: Floats

    def __add__(self, other: _Poses) -> _Poses:
        return _Poses(
            looks=self.looks + other.looks,
            points=np.concatenate([self.points, other.points]),
            scores=np.concatenate([self.scores, other.scores]),
        )

    def take(self, rows: Sequence[int]) -> _Poses:
        return _Poses(
            looks=[self.looks[row] for row in rows],
            points=self.points[list(rows)],
            scores=self.scores[list(rows)],
        )


class RtmPose(SingleFrames):
    """All people of every frame, 26 keypoints with feet. Nobody detected, nobody answered.

    Looks ahead within the frames of one call, so a call should bring some; between detections of
    a call boxes are interpolated, and carried on from the keypoints where calls are short.
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
        self._timer = StageTimer()
        self._since: int | None = None  # frames since a detection; None: none in this video
        self._carried: list[Floats] = []  # boxes at the last frame of the call before
        self._forget(_UNKNOWN_FPS)

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        """As in Tracker."""
        self._timer = timer
        self._forget(video.fps if video.fps > 0 else _UNKNOWN_FPS)

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """As in Tracker."""
        if not frames:
            return []
        chosen = detection_frames(len(frames), self._pause, since=self._since)
        seen = self._pass(frames, chosen)
        if not chosen and len(seen[-1].looks) < len(self._carried):
            # Somebody was lost from where the keypoints left off: look at the whole picture.
            chosen = [len(frames) - 1]
            seen = self._pass(frames, chosen)
        self._carried = [look.box for look in seen[-1].looks]
        self._since = 0 if chosen else (self._since or 0) + len(frames)
        return [
            people(frame, self.skeleton, here.points, here.scores, _boxes(here.looks))
            for frame, here in zip(frames, seen, strict=True)
        ]

    def close(self) -> None:
        """As in Tracker."""
        self._detector.network.close()
        self._pose.close()

    def _forget(self, fps: float) -> None:
        self._pause = max(1, round(PAUSE_SECONDS * fps))
        self._since = None
        self._carried = []

    def _pass(self, frames: Sequence[Frame], chosen: Sequence[int]) -> list[_Poses]:
        """Detect on the `chosen` frames, estimate on all; the people of each frame."""
        with self._timer.stage("detect"):
            lanes = Lanes(self._carried)
            found = self._detector.detect([frames[number].pixels for number in chosen])
            for number, boxes in zip(chosen, found, strict=True):
                lanes.add(number, boxes)
        poses = self._estimate(frames, lanes.between())
        poses += self._follow(frames, lanes.outward(len(frames)))
        with self._timer.stage("extract"):
            rows: list[list[int]] = [[] for _ in frames]
            for row, look in enumerate(poses.looks):
                rows[look.frame].append(row)
            everybody = [poses.take(here) for here in rows]
            return [here.take(distinct(here.points, here.scores)) for here in everybody]

    def _follow(self, frames: Sequence[Frame], ways: list[Way]) -> _Poses:
        """Frame by frame from the last box, each time to where the keypoints were, while sure."""
        poses = self._estimate(frames, [])
        while ways:
            looks = [Look(frame=way.frames[0], box=way.box) for way in ways]
            step = self._estimate(frames, looks)
            sure = np.flatnonzero(step.scores.mean(axis=1) >= self._confidence).tolist()
            poses += step.take(sure)
            ways = [
                Way(frames=ways[row].frames[1:], box=_box_around(step.points[row])) for row in sure
            ]
            ways = [way for way in ways if way.frames]
        return poses

    def _estimate(self, frames: Sequence[Frame], looks: list[Look]) -> _Poses:
        """The poses in all `looks`, however unsure."""
        _, height, width = self._pose.input_shape
        windows = crop_windows(_boxes(looks), height, width)

        def prepare(item: int, out: Floats) -> None:
            pixels = frames[looks[item].frame].pixels
            IMAGENET_RGB.write(cut(pixels, windows[item], height, width), out)

        with self._timer.stage("infer"):
            answers = self._pose.map(len(looks), prepare)
        if not answers:
            nothing = np.empty((0, len(self.skeleton.nodes), 2), np.float32)
            return _Poses(looks=[], points=nothing, scores=nothing[:, :, 0])
        with self._timer.stage("extract"):
            curves = (np.stack([answer[axis] for answer in answers]) for axis in (0, 1))
            points, scores = decode_simcc(*curves)
            points = from_windows(points, windows, height, width)
        return _Poses(looks=looks, points=points, scores=scores)


def _boxes(looks: Sequence[Look]) -> Floats:
    return np.array([look.box for look in looks], np.float32).reshape(-1, 4)


def _box_around(points: Floats) -> Floats:
    """The body's box from its keypoints, which lie inside it."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2 * MARGIN
    return np.concatenate([middle - half, middle + half])
