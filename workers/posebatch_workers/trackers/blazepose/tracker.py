"""The tracker: follow people from crop to crop, look at the whole picture for those not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, inf

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
from posebatch_workers.trackers.blazepose.detector import Detector
from posebatch_workers.trackers.blazepose.landmarks import Body, Landmarks
from posebatch_workers.trackers.blazepose.networks import load_networks
from posebatch_workers.trackers.blazepose.regions import (
    Region,
    distinct,
    holds_several,
    same_person,
    squares_of,
)
from posebatch_workers.trackers.models import find_model
from posebatch_workers.trackers.skeletons import BLAZEPOSE_33
from posebatch_workers.video.frames import Frame

#: Others than the largest are not the athlete, and each costs as much as the athlete. One who comes
#: later and is larger than these is followed as well.
MAX_PEOPLE = 3
#: How often to look for newcomers, in one square after the other, and for how long at every frame
#: for somebody lost.
LOOK_AGAIN_SECONDS, SEARCH_SECONDS = 2.0, 1.0
#: Where somebody lost is looked for: so many sides of the last crop, and more with the time since.
SEARCH_WIDTH, SEARCH_WIDTH_PER_SECOND = 1.5, 2.0


class BlazePose(SingleFrames):
    """Three people or four, each frame for itself: nothing is filtered over time, so fast events
    stay where they are and standing still shows the networks' noise."""

    skeleton = BLAZEPOSE_33
    any_order = True

    def __init__(
        self, detector: Detector, landmarks: Landmarks, *, quality: Preset, info: TrackerInfo
    ) -> None:
        self._detector = detector
        self._landmarks = landmarks
        self._confidence = CONFIDENCE[quality]
        self._timer = StageTimer()
        self._forget()
        self.info = info

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        """As in Tracker."""
        self._forget()
        self._timer = timer

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        """As in Tracker."""
        return [self._track_one(frame) for frame in frames]

    def close(self) -> None:
        """As in Tracker."""
        del self._detector, self._landmarks

    def _forget(self) -> None:
        self._regions: list[Region] = []
        self._lost: list[_Lost] = []
        self._looked_at = -inf  # presentation time
        self._turn = 0

    def _track_one(self, frame: Frame) -> FramePoses:
        bodies = self._bodies(frame, self._regions)
        self._note_lost(frame.pts_seconds, bodies)
        for lost in self._lost:  # somebody small is found here who is not in the whole picture
            bodies = self._with_more(frame, bodies, [lost.where(frame.pts_seconds)])
        if not bodies or frame.pts_seconds - self._looked_at >= LOOK_AGAIN_SECONDS:
            bodies = self._with_more(frame, bodies, self._next_squares(frame))
            self._looked_at = frame.pts_seconds
        self._regions = [body.next_region for body in bodies]
        if not bodies:
            return nobody(frame, self.skeleton)
        keypoints = np.stack([body.keypoints for body in bodies])
        return people_in(frame, keypoints, np.stack([body.visibility for body in bodies]))

    def _next_squares(self, frame: Frame) -> list[Region]:
        """All of the picture at the start, later one square of it after the other."""
        squares = squares_of(frame.pixels)
        if self._looked_at == -inf:
            return squares
        self._turn += 1
        return [squares[self._turn % len(squares)]]

    def _bodies(
        self, frame: Frame, regions: Sequence[Region], known: Sequence[Body] = ()
    ) -> list[Body]:
        """`known` and the bodies in `regions`, each person once."""
        bodies = list(known)
        for region in regions:
            with self._timer.stage("infer"):
                body = self._landmarks.find(frame.pixels, region)
            if body.presence >= self._confidence and not _among(body.next_region, bodies):
                bodies.append(body)
        return bodies

    def _note_lost(self, now: float, bodies: Sequence[Body]) -> None:
        """Keep where people were seen last, until they are found or have been gone for too long."""
        gone = [region for region in self._regions if not _near(region, bodies)]
        self._lost += [_Lost(region=region, since_seconds=now) for region in gone]
        self._lost = [
            lost
            for lost in self._lost
            if now - lost.since_seconds < SEARCH_SECONDS and not _near(lost.region, bodies)
        ]

    def _with_more(self, frame: Frame, bodies: list[Body], squares: Sequence[Region]) -> list[Body]:
        if len(bodies) > MAX_PEOPLE:
            return bodies
        regions: list[Region] = []
        for square in squares:
            with self._timer.stage("detect"):
                regions += self._detector.find(frame.pixels, square)
        regions = distinct(sorted(regions, key=lambda region: -region.size))
        known = [body.next_region for body in bodies]
        strangers = [region for region in regions if not _among(region, bodies)]
        strangers = [one for one in strangers if not holds_several(one, known + strangers)]
        return self._bodies(frame, strangers[: _room(bodies, strangers)], bodies)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """Where somebody was when last seen."""

    region: Region
    since_seconds: float

    def where(self, now: float) -> Region:
        """The square to look at: the longer ago, the wider."""
        elapsed = abs(now - self.since_seconds)
        return self.region.wider(SEARCH_WIDTH + SEARCH_WIDTH_PER_SECOND * elapsed)


def _near(region: Region, bodies: Sequence[Body]) -> bool:
    """Whether one of them may be who was there: two people hardly stand in one crop."""
    return any(
        hypot(region.x - body.next_region.x, region.y - body.next_region.y) < region.size / 2
        for body in bodies
    )


def _room(bodies: Sequence[Body], strangers: Sequence[Region]) -> int:
    """How many of the strangers, largest first, to follow beside the bodies."""
    if len(bodies) < MAX_PEOPLE or not strangers:
        return MAX_PEOPLE - len(bodies)
    return int(strangers[0].size > max(body.next_region.size for body in bodies))


def _among(region: Region, bodies: Sequence[Body]) -> bool:
    return any(same_person(region, body.next_region) for body in bodies)


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
