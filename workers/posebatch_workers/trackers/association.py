"""Who is who from frame to frame: people seen one by one become tracks over the clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import FramePoses, Integers
from posebatch_workers.trackers.pairing import FORBIDDEN, cheapest_pairs
from posebatch_workers.trackers.stitching import Tracklet, stitch
from posebatch_workers.trackers.takeovers import part_takeovers

Doubles = NDArray[np.float64]

#: How far (in body sizes) a person may be from where we expect them, at once and per second unseen.
REACH, REACH_PER_SECOND, REACH_LIMIT = 0.5, 1.0, 1.5
#: Beyond this ratio of sizes it is somebody else.
SIZE_RATIO = 2.2
#: Unseen for longer, a track is only continued by `stitch`, which also looks ahead.
MEMORY_SECONDS = 1.0
#: A velocity says little about where somebody is after this time.
PREDICT_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One person over the clip, numbered from 1 in order of appearance (left to right in a tie).

    `rows` (M,) are positions in the list of frames, growing; `people` (M,) the person's place in
    each of those frames.
    """

    number: int
    rows: Integers
    people: Integers


@dataclass(slots=True, kw_only=True)
class _Open:
    """A track that may still grow, in units of picture height."""

    points: Doubles  # (K, 2)
    scores: Doubles  # (K,)
    box: Doubles  # (4,)
    seconds: float
    velocity: Doubles = field(default_factory=lambda: np.zeros(2))  # per second
    rows: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)

    def expected_shift(self, seconds: float) -> Doubles:
        return self.velocity * min(seconds - self.seconds, PREDICT_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The people of one frame, in units of picture height."""

    row: int
    seconds: float
    points: Doubles  # (N, K, 2)
    scores: Doubles  # (N, K)
    boxes: Doubles  # (N, 4)


def follow(frames: Sequence[FramePoses], *, aspect: float = 1.0) -> tuple[Track, ...]:
    """Link people over frames by box overlap and keypoint distance; join what was interrupted.

    `aspect` is picture width over height, so that distances are equal in both directions. Frames
    with nobody are fine, and so are frames whose pts jump (a gap in the video).
    """
    linked = _link(frames, aspect)
    tracklets = [_tracklet(track, frames, aspect) for track in linked]
    chains = stitch(part_takeovers(tracklets))
    return tuple(_joined(number, chain) for number, chain in enumerate(chains, start=1))


def _link(frames: Sequence[FramePoses], aspect: float) -> list[_Open]:
    done: list[_Open] = []
    tracks: list[_Open] = []
    for row, frame in enumerate(frames):
        if not len(frame.scores):
            continue
        seen = _seen(row, frame, aspect)
        old = [t for t in tracks if seen.seconds - t.seconds > MEMORY_SECONDS]
        tracks = [t for t in tracks if seen.seconds - t.seconds <= MEMORY_SECONDS]
        done.extend(old)
        matched = _match(tracks, seen)
        for person in range(len(seen.scores)):
            track = matched.get(person)
            if track is None:
                tracks.append(_started(seen, person))
            else:
                _extend(track, seen, person)
    return done + tracks


def _seen(row: int, frame: FramePoses, aspect: float) -> _Seen:
    scale = np.array((aspect, 1.0))
    return _Seen(
        row=row,
        seconds=frame.pts_seconds,
        points=frame.keypoints[:, :, :2] * scale,
        scores=frame.scores.astype(np.float64) + 0.05,  # even a body of doubtful points has a place
        boxes=frame.bboxes * np.tile(scale, 2),
    )


def _match(tracks: list[_Open], seen: _Seen) -> dict[int, _Open]:
    """Best one-to-one pairing within reach, by person."""
    if not tracks:
        return {}
    return {person: tracks[track] for track, person in cheapest_pairs(_costs(tracks, seen))}


def _costs(tracks: list[_Open], seen: _Seen) -> Doubles:
    """(T, N) distance over reach plus lack of overlap, forbidden out of reach or out of size."""
    shift = np.stack([t.expected_shift(seen.seconds) for t in tracks])
    points = np.stack([t.points for t in tracks]) + shift[:, None]
    boxes = np.stack([t.box for t in tracks]) + np.tile(shift, 2)
    gap = seen.seconds - np.array([t.seconds for t in tracks])
    weights = np.stack([t.scores for t in tracks])[:, None] * seen.scores
    apart = np.linalg.norm(points[:, None] - seen.points, axis=3)
    distance = (apart * weights).sum(axis=2) / weights.sum(axis=2)
    old, new = body_size(boxes)[:, None], body_size(seen.boxes)
    reach = np.minimum(REACH + REACH_PER_SECOND * gap, REACH_LIMIT)[:, None] * np.maximum(old, new)
    costs = distance / reach + 1.0 - overlap(boxes, seen.boxes)
    allowed = (distance <= reach) & (np.abs(np.log(new / old)) <= np.log(SIZE_RATIO))
    return np.where(allowed, costs, FORBIDDEN)


def body_size(boxes: Doubles) -> Doubles:
    """(N,) longer side of each box, so that crouching with arms out counts like standing."""
    sides = boxes[:, 2:] - boxes[:, :2]
    return np.asarray(np.maximum(sides.max(axis=1), 1e-6))


def overlap(a: Doubles, b: Doubles) -> Doubles:
    """(A, B) intersection over union of boxes x1, y1, x2, y2."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0.0), axis=2)
    area_a, area_b = (np.prod(x[:, 2:] - x[:, :2], axis=1) for x in (a, b))
    return np.asarray(common / np.maximum(area_a[:, None] + area_b - common, 1e-12))


def _started(seen: _Seen, person: int) -> _Open:
    return _Open(
        points=seen.points[person],
        scores=seen.scores[person],
        box=seen.boxes[person],
        seconds=seen.seconds,
        rows=[seen.row],
        people=[person],
    )


def _extend(track: _Open, seen: _Seen, person: int) -> None:
    elapsed = max(seen.seconds - track.seconds, 1e-3)
    # The median keypoint's step: one limb that swings does not carry the body away.
    step = np.median(seen.points[person] - track.points, axis=0) / elapsed
    track.velocity = 0.5 * track.velocity + 0.5 * step
    track.points, track.scores = seen.points[person], seen.scores[person]
    track.box, track.seconds = seen.boxes[person], seen.seconds
    track.rows.append(seen.row)
    track.people.append(person)


def _tracklet(track: _Open, frames: Sequence[FramePoses], aspect: float) -> Tracklet:
    scale = np.tile((aspect, 1.0), 2)
    boxes = np.stack([frames[r].bboxes[p] for r, p in zip(track.rows, track.people, strict=True)])
    seconds = np.array([frames[row].pts_seconds for row in track.rows])
    return Tracklet(rows=track.rows, people=track.people, seconds=seconds, boxes=boxes * scale)


def _joined(number: int, chain: Sequence[Tracklet]) -> Track:
    return Track(
        number=number,
        rows=np.concatenate([np.asarray(t.rows, np.int64) for t in chain]),
        people=np.concatenate([np.asarray(t.people, np.int64) for t in chain]),
    )
