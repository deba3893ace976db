"""Who is who from frame to frame: people seen one by one become tracks over the clip."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import FramePoses, Integers
from posebatch_workers.trackers.boxes import overlap
from posebatch_workers.trackers.pairing import FORBIDDEN, cheapest_pairs
from posebatch_workers.trackers.sightings import Sightings, sightings
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
    """A track that may still grow: its sightings, and the last one's time."""

    seen: list[int]
    seconds: float
    velocity: Doubles = field(default_factory=lambda: np.zeros(2))  # picture heights per second

    def expected_shift(self, seconds: float) -> Doubles:
        return self.velocity * min(seconds - self.seconds, PREDICT_SECONDS)


def follow(frames: Sequence[FramePoses], *, aspect: float = 1.0) -> tuple[Track, ...]:
    """Link people over frames by box overlap and keypoint distance; join what was interrupted.

    `aspect` is picture width over height, so that distances are equal in both directions. Frames
    with nobody are fine, and so are frames whose pts jump (a gap in the video).
    """
    if not frames:
        return ()
    clip = sightings(frames, aspect)
    tracklets = [_tracklet(track, clip) for track in _link(clip)]
    chains = stitch(part_takeovers(tracklets))
    return tuple(_joined(number, chain) for number, chain in enumerate(chains, start=1))


def _link(clip: Sightings) -> list[_Open]:
    done: list[_Open] = []
    tracks: list[_Open] = []
    for start, end in itertools.pairwise(clip.starts.tolist()):
        if start == end:
            continue
        seconds = float(clip.seconds[start])
        old = [t for t in tracks if seconds - t.seconds > MEMORY_SECONDS]
        tracks = [t for t in tracks if seconds - t.seconds <= MEMORY_SECONDS]
        done.extend(old)
        matched = _match(tracks, clip, slice(start, end), seconds)
        for person in range(start, end):
            track = matched.get(person)
            if track is None:
                tracks.append(_Open(seen=[person], seconds=seconds))
            else:
                _extend(track, clip, person, seconds)
    return done + tracks


def _match(tracks: list[_Open], clip: Sightings, now: slice, seconds: float) -> dict[int, _Open]:
    """Best one-to-one pairing within reach, by sighting."""
    if not tracks:
        return {}
    pairs = cheapest_pairs(_costs(tracks, clip, now, seconds))
    return {now.start + person: tracks[track] for track, person in pairs}


def _costs(tracks: list[_Open], clip: Sightings, now: slice, seconds: float) -> Doubles:
    """(T, N) distance over reach plus lack of overlap, forbidden out of reach or out of size."""
    last = [track.seen[-1] for track in tracks]
    shift = np.array([track.expected_shift(seconds) for track in tracks])
    apart = (clip.points[last] + shift[:, None])[:, None] - clip.points[now]
    weights = clip.weights[last][:, None] * clip.weights[now]
    distance = (np.hypot(apart[..., 0], apart[..., 1]) * weights).sum(axis=2) / weights.sum(axis=2)
    old, new = clip.sizes[last][:, None], clip.sizes[now]
    gap = (seconds - clip.seconds[last])[:, None]
    reach = np.minimum(REACH + REACH_PER_SECOND * gap, REACH_LIMIT) * np.maximum(old, new)
    boxes = clip.boxes[last] + np.concatenate([shift, shift], axis=1)
    costs = distance / reach + 1.0 - overlap(boxes, clip.boxes[now])
    allowed = (distance <= reach) & (np.maximum(old / new, new / old) <= SIZE_RATIO)
    return np.where(allowed, costs, FORBIDDEN)


def _extend(track: _Open, clip: Sightings, person: int, seconds: float) -> None:
    elapsed = max(seconds - track.seconds, 1e-3)
    step = _median(clip.points[person] - clip.points[track.seen[-1]]) / elapsed
    track.velocity = 0.5 * track.velocity + 0.5 * step
    track.seconds = seconds
    track.seen.append(person)


def _median(steps: Doubles) -> Doubles:
    """(2,) of (K, 2), so that one limb that swings does not carry the body away.

    What np.median gives, at a fifth of its cost for so few.
    """
    ordered = np.sort(steps, axis=0)
    return np.asarray((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)


def _tracklet(track: _Open, clip: Sightings) -> Tracklet:
    return Tracklet(
        rows=clip.rows[track.seen].tolist(),
        people=clip.people[track.seen].tolist(),
        seconds=clip.seconds[track.seen],
        boxes=clip.boxes[track.seen],
    )


def _joined(number: int, chain: Sequence[Tracklet]) -> Track:
    return Track(
        number=number,
        rows=np.concatenate([np.asarray(t.rows, np.int64) for t in chain]),
        people=np.concatenate([np.asarray(t.people, np.int64) for t in chain]),
    )
