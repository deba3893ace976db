"""Where to look for each person in frames between two detections: the clip is known both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from posebatch_shared.poses import Floats
from posebatch_workers.trackers.boxes import body_size, overlap
from posebatch_workers.trackers.pairing import FORBIDDEN, cheapest_pairs

#: A detector pauses for this long at most: in free fall a body leaves the straight line between
#: two detections by g·t²/8, 9 cm, and its crop has a margin of 20.
PAUSE_SECONDS = 0.27
#: Calls shorter than the pause by this factor need no detection of their own.
FEW = 4
#: Body sizes between two detections of one person.
REACH = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where to look for a person in one frame."""

    frame: int
    box: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From a person's box, frames into which no detection of it reaches, nearest first."""

    frames: Sequence[int]
    box: Floats


class Lanes:
    """For each person the boxes at successive detections; one missed ends a lane, and the person
    is then followed outward from both sides of the miss.

    Frames count from 0 within the frames at hand; what is carried over from before lies at -1.
    """

    def __init__(self, carried: Iterable[Floats] = ()) -> None:
        self.boxes: list[dict[int, Floats]] = [{-1: box} for box in carried]
        self._detected: list[int] = [-1]

    def add(self, frame: int, boxes: Floats) -> None:
        """The detections of `frame`, which lies after all before."""
        open_lanes = [lane for lane in self.boxes if max(lane) == self._detected[-1]]
        matched = _match([lane[max(lane)] for lane in open_lanes], boxes)
        for row, box in enumerate(boxes):
            if row in matched:
                open_lanes[matched[row]][frame] = box
            else:
                self.boxes.append({frame: box})
        self._detected.append(frame)

    def between(self) -> list[Look]:
        """The frames from each person's first to last box; between two the box moves evenly."""
        return [look for boxes in self.boxes for look in _between(boxes)]

    def outward(self, frames: int) -> list[Way]:
        """Before the first and after the last box, up to the detection without one, and it too:
        the detector may have missed the person there."""
        ways = []
        for boxes in self.boxes:
            first, last = min(boxes), max(boxes)
            start = max((d for d in self._detected if d < first), default=0)
            end = min((d for d in self._detected if d > last), default=frames - 1)
            ways.append(Way(frames=range(first - 1, max(start, 0) - 1, -1), box=boxes[first]))
            ways.append(Way(frames=range(last + 1, end + 1), box=boxes[last]))
        return [way for way in ways if way.frames]


def _between(boxes: Mapping[int, Floats]) -> list[Look]:
    at = sorted(boxes)
    where = np.arange(max(0, at[0]), at[-1] + 1)
    corners = np.stack([boxes[frame] for frame in at])
    moved = [np.interp(where, at, corners[:, axis]) for axis in range(4)]
    rows = np.stack(moved, axis=1).astype(np.float32)
    return [Look(frame=int(f), box=row) for f, row in zip(where, rows, strict=True)]


def detection_frames(frames: int, pause: int, *, since: int | None) -> list[int]:
    """Which of the frames at hand to detect on, `pause` apart or less, `since` the last detection.

    Always the last one, so that every other lies between two, and frame 0 too at the start of a
    video (`since` None). None for a few frames within the pause: those follow the keypoints.
    """
    if since is not None and since + frames <= pause and FEW * frames <= pause:
        return []
    first = -1 if since is not None else 0
    count = -(-(frames - 1 - first) // pause)
    spaced = np.linspace(first, frames - 1, count + 1).round().astype(int)
    return sorted({int(frame) for frame in spaced if frame >= 0})


def distinct(points: Floats, scores: Floats) -> list[int]:
    """Poses that repeat no more confident one: rows of points (N, K, 2) and scores (N, K)."""
    if len(points) < 2:
        return list(range(len(points)))
    corners = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)
    sizes = body_size(corners.astype(np.float64))
    kept: list[int] = []
    for row in np.argsort(-scores.mean(axis=1)).tolist():
        apart = np.linalg.norm(points[kept] - points[row], axis=2).mean(axis=1)
        if (apart >= 0.1 * sizes[kept]).all():
            kept.append(row)
    return sorted(kept)


def _match(old: Sequence[Floats], new: Floats) -> Mapping[int, int]:
    """New row → old row, one to one, by overlap and distance."""
    if not old or not len(new):
        return {}
    before, after = np.stack(old).astype(np.float64), new.astype(np.float64)
    middles = [(boxes[:, :2] + boxes[:, 2:]) / 2 for boxes in (before, after)]
    apart = np.linalg.norm(middles[0][:, None] - middles[1], axis=2)
    distance = apart / np.maximum(body_size(before)[:, None], body_size(after))
    costs = np.where(distance < REACH, distance + 1.0 - overlap(before, after), FORBIDDEN)
    return {row: old_row for old_row, row in cheapest_pairs(costs)}
