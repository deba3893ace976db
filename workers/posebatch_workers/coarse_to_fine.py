"""Look first, then look closely: how often a frame is tracked follows from how people move."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import Floats, FramePoses, Skeleton, passed_over
from posebatch_workers.video.frames import Frame

#: Time between two looks while nobody moves: several fall into the shortest countermovement. Over
#: the same time it is judged how people move.
LOOK_SECONDS = 0.125
#: While a body moves over feet that stand: four times what its fastest movement needs.
BODY_SECONDS = 1 / 30
#: What is looked at closely before a movement that two looks showed, and after it.
BEFORE_SECONDS, AFTER_BODY_SECONDS, AFTER_FEET_SECONDS = 0.25, 0.3, 0.15
#: How far, in sizes of the body, its landmarks are off on average when it moved, those of a limb
#: when that did, and those of a foot: about 2, 7 and 5 cm of an adult, and twice what the trackers'
#: noise makes.
BODY_MOVED, LIMB_MOVED, FOOT_MOVED = 0.012, 0.05, 0.03
#: A hand or a foot has at least so many landmarks.
_LIMB = 3
_SIDES, _FOOT = ("left", "right"), ("ankle", "heel", "foot_index")
_VISIBLE = 0.5
#: Frames come up to this much off their time.
_JITTER_SECONDS = 1e-3

TrackOne = Callable[[Frame], FramePoses]


def look_then_look_closely(
    frames: Iterable[Frame], track: TrackOne, *, skeleton: Skeleton, aspect: float
) -> Iterator[FramePoses]:
    """An answer per frame, in order and up to `BEFORE_SECONDS` late: what `track` says, or
    `passed_over`: most frames where nobody moves, those between 30 looks a second while the feet
    stand, none around a step, a take-off or a landing. `track` is called out of order when a look
    shows a movement. `aspect` is picture width over height.
    """
    motion, schedule = Motion(skeleton, aspect), _Schedule()
    held: deque[Frame | FramePoses] = deque()
    judged: FramePoses | None = None
    for frame in frames:
        now = frame.pts_seconds
        if not schedule.due(now):
            held.append(replace(frame, pixels=frame.pixels.copy()))  # its pixels are re-used
        else:
            held.append(poses := track(frame))
            judged = judged or poses
            if _due(now, judged.pts_seconds, LOOK_SECONDS):
                pace, judged = motion.pace(judged, poses), poses
                schedule.keep(pace, now)
                if pace < LOOK_SECONDS:
                    held = deque(_closely(held, track, pace))
        while held[0].pts_seconds < now - BEFORE_SECONDS:
            yield _settled(held.popleft(), skeleton)
    if held:
        held.append(_tracked(held.pop(), track))  # so that what was passed over has two ends
    for item in held:
        yield _settled(item, skeleton)


@dataclass(slots=True)
class _Schedule:
    """When the next look is due."""

    looked_at: float = -inf
    body_until: float = -inf
    feet_until: float = -inf

    def due(self, now: float) -> bool:
        """Whether to look now; it is taken that somebody then does."""
        pace = 0.0 if now <= self.feet_until else self._pace_of_body(now)
        due = _due(now, self.looked_at, pace)
        self.looked_at = now if due else self.looked_at
        return due

    def keep(self, pace_seconds: float, now: float) -> None:
        """Look on as closely as a movement asks for, and a little longer."""
        if pace_seconds < LOOK_SECONDS:
            self.body_until = now + AFTER_BODY_SECONDS
        if pace_seconds == 0:
            self.feet_until = now + AFTER_FEET_SECONDS

    def _pace_of_body(self, now: float) -> float:
        return BODY_SECONDS if now <= self.body_until else LOOK_SECONDS


def _closely(
    held: Iterable[Frame | FramePoses], track: TrackOne, pace_seconds: float
) -> Iterator[Frame | FramePoses]:
    """What is held, with further looks so that none is later than asked for."""
    looked_at = -inf
    for item in held:
        if isinstance(item, FramePoses) or _due(item.pts_seconds, looked_at, pace_seconds):
            looked_at = item.pts_seconds
            yield _tracked(item, track)
        else:
            yield item


@dataclass(frozen=True, slots=True)
class Motion:
    """How people move between two looks."""

    skeleton: Skeleton
    aspect: float  #: picture width over height

    def pace(self, before: FramePoses, after: FramePoses) -> float:
        """Seconds between looks that do justice to it: 0 when somebody came, went, or moved the
        feet or unseen feet, `BODY_SECONDS` when a body moved over its feet, else `LOOK_SECONDS`."""
        if len(before.scores) != len(after.scores):
            return 0.0
        people = range(len(after.scores))
        return min((self._pace_of(before, after, n) for n in people), default=LOOK_SECONDS)

    def _pace_of(self, before: FramePoses, after: FramePoses, person: int) -> float:
        sure = np.minimum(before.scores[person], after.scores[person]) >= _VISIBLE
        if sure.sum() < _LIMB:
            return 0.0
        x1, y1, x2, y2 = before.bboxes[person]
        size = max((x2 - x1) * self.aspect, y2 - y1, 1e-6)
        steps = after.keypoints[person, :, :2] - before.keypoints[person, :, :2]
        distances = np.hypot(steps[:, 0] * self.aspect, steps[:, 1]) / size
        if self._a_foot_moved(distances, sure):
            return 0.0
        far = np.sort(distances[sure])
        if far.mean() > BODY_MOVED or far[-_LIMB] > LIMB_MOVED:
            return BODY_SECONDS if self._feet_seen(sure) else 0.0
        return LOOK_SECONDS

    def _a_foot_moved(self, distances: Floats, sure: NDArray[np.bool_]) -> bool:
        steps = (distances[foot][sure[foot]] for foot in self._feet())
        return any(len(step) > 0 and step.mean() > FOOT_MOVED for step in steps)

    def _feet_seen(self, sure: NDArray[np.bool_]) -> bool:
        return all(sure[foot].any() for foot in self._feet())

    def _feet(self) -> list[list[int]]:
        feet = ([self.skeleton.index(f"{side}_{part}") for part in _FOOT] for side in _SIDES)
        return [[row for row in foot if row is not None] for foot in feet]


def _due(now: float, looked_at: float, pace_seconds: float) -> bool:
    return now - looked_at >= pace_seconds - _JITTER_SECONDS


def _tracked(item: Frame | FramePoses, track: TrackOne) -> FramePoses:
    return track(item) if isinstance(item, Frame) else item


def _settled(item: Frame | FramePoses, skeleton: Skeleton) -> FramePoses:
    if isinstance(item, FramePoses):
        return item
    return passed_over(item.frame_index, item.pts_seconds, len(skeleton.nodes))
