"""Where to look for each person in frames between two detections: the clip is known both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from posebatch_shared.poses import Floats
from posebatch_workers.trackers.association import body_size, overlap

#: A detector pauses for this long at most: a body in free fall then stays inside its margin.
PAUSE_SECONDS = 0.2
#: Body sizes between two detections of one person.
REACH = 1.0
_FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where to look in one frame; `sure` if a detection lies on it, or one on either side."""

    frame: int
    box: Floats
    sure: bool
    lane: int


class Lanes:
    """One person's boxes at the frames where the detector saw them.

    Frames count from 0 within the batch at hand; what is carried over from before lies below 0.
    """

    def __init__(self, carried: Iterable[tuple[int, Floats]] = ()) -> None:
        self.boxes: list[dict[int, Floats]] = [{frame: box} for frame, box in carried]
        self._detected: list[int] = [-1]

    def add(self, frame: int, boxes: Floats) -> None:
        """The detections of `frame`, which lies after all before."""
        open_lanes = [lane for lane in self.boxes if max(lane) >= self._last_but_one()]
        matched = _match([lane[max(lane)] for lane in open_lanes], boxes)
        for row, box in enumerate(boxes):
            if row in matched:
                open_lanes[matched[row]][frame] = box
            else:
                self.boxes.append({frame: box})
        self._detected.append(frame)

    def looks(self, frames: int) -> list[Look]:
        """All places to look in frames 0 … frames − 1, frame by frame.

        Between detections the box moves evenly. A pause before the first and after the last it
        stays, in case the detector missed the person there.
        """
        found = [look for lane in range(len(self.boxes)) for look in self._looks(lane, frames)]
        return sorted(found, key=lambda look: look.frame)

    def _last_but_one(self) -> int:
        """A person whom the detector missed once is still waited for."""
        return self._detected[-2] if len(self._detected) > 1 else self._detected[-1]

    def _looks(self, lane: int, frames: int) -> list[Look]:
        boxes = self.boxes[lane]
        at = sorted(boxes)
        first = max(0, 1 + max((d for d in self._detected if d < at[0]), default=-1))
        last = min((d for d in self._detected if d > at[-1]), default=frames - 1)
        where = np.arange(first, last + 1)
        corners = np.stack([boxes[frame] for frame in at])
        moved = [np.interp(where, at, corners[:, axis]) for axis in range(4)]
        rows = np.stack(moved, axis=1).astype(np.float32)
        return [
            Look(frame=int(f), box=row, sure=bool(at[0] <= f <= at[-1]), lane=lane)
            for f, row in zip(where, rows, strict=True)
        ]


def detection_frames(frames: int, seconds_per_frame: float, *, first: bool) -> list[int]:
    """Frames of a batch on which to detect: its last, others PAUSE_SECONDS apart or less, and frame
    0 if nothing is known from before."""
    pause = max(1, int(PAUSE_SECONDS / seconds_per_frame))
    start = 0 if first else -1
    count = -(-(frames - 1 - start) // pause)
    spaced = np.linspace(start, frames - 1, count + 1).round().astype(int)
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
    costs = np.where(distance < REACH, distance + 1.0 - overlap(before, after), _FORBIDDEN)
    pairs = zip(*linear_sum_assignment(costs), strict=True)
    return {int(n): int(o) for o, n in pairs if costs[o, n] < _FORBIDDEN}
