"""Which of several people is the athlete: by a stated rule, recorded, and overridable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np

from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import check_athlete
from posebatch_shared.poses import FramePoses, PoseSequence, Skeleton
from posebatch_workers.trackers.association import Track, follow
from posebatch_workers.trackers.candidates import Candidate, candidates_of
from posebatch_workers.trackers.interpolation import between_looks

#: Vertical motion of a body that stands still, so that among such the larger one is chosen.
STILL = 0.03
#: Rules by place consider only people seen for this share of the longest-seen one's time.
MIN_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class AthleteChoice:
    """The athlete over all frames, and how it was chosen; `track` is None if nobody was seen."""

    sequence: PoseSequence
    rule: str
    track: int | None
    candidates: tuple[Candidate, ...]

    def record(self) -> dict[str, Any]:
        """Plain values for the result: rule, track chosen, number of tracks, their facts."""
        return {
            "rule": self.rule,
            "track": self.track,
            "tracks": len(self.candidates),
            "candidates": [asdict(candidate) for candidate in self.candidates],
        }


_RULES: dict[str, Callable[[Candidate], float]] = {
    "auto": lambda c: sqrt(c.size * c.legs_share) * (c.rise + STILL),
    "largest": lambda c: c.size,
    "moving": lambda c: c.rise * min(1.0, c.seen_share / MIN_SHARE),
    "left": lambda c: -c.place,
    "right": lambda c: c.place,
}
_BY_PLACE = ("left", "right")


def choose_athlete(
    frames: Sequence[FramePoses],
    rule: str = "auto",
    *,
    skeleton: Skeleton,
    width: int,
    height: int,
) -> AthleteChoice:
    """One person over all frames, NaN and visibility 0 where unseen.

    auto: who goes farthest up and down again within a second, in the picture; among those who keep
    still the tallest; who is near the camera with the legs outside the picture hardly counts.
    Frames whose pts does not grow are left out; those not looked at are interpolated. UsageError
    for an unknown rule, or a track:N that the clip does not have.
    """
    check_athlete(rule)
    frames = _growing(frames)
    looks = [frame for frame in frames if frame.tracked]
    tracks = follow(looks, aspect=width / height)
    candidates = candidates_of(tracks, looks, skeleton=skeleton, aspect=width / height)
    number = _pick(rule, candidates)
    chosen = tracks[number - 1] if number is not None else None
    seen = _sequence(looks, chosen, skeleton=skeleton, width=width, height=height)
    sequence = between_looks(seen, frames)
    return AthleteChoice(sequence=sequence, rule=rule, track=number, candidates=candidates)


def _growing(frames: Sequence[FramePoses]) -> list[FramePoses]:
    kept: list[FramePoses] = []
    for frame in frames:
        if not kept or frame.pts_seconds > kept[-1].pts_seconds:
            kept.append(frame)
    return kept


def _pick(rule: str, candidates: Sequence[Candidate]) -> int | None:
    if not candidates:
        return None
    if rule.startswith("track:"):
        number = int(rule.removeprefix("track:"))
        if number > len(candidates):
            raise UsageError(f"{rule} was asked for, but the clip has {len(candidates)} track(s)")
        return number
    longest = max(c.seen_share for c in candidates)
    lasting = [c for c in candidates if c.seen_share >= MIN_SHARE * longest]
    return max(lasting if rule in _BY_PLACE else candidates, key=_RULES[rule]).track


def _sequence(
    frames: Sequence[FramePoses],
    track: Track | None,
    *,
    skeleton: Skeleton,
    width: int,
    height: int,
) -> PoseSequence:
    shape = (len(frames), len(skeleton.nodes))
    keypoints = np.full((*shape, 3), np.nan, np.float32)
    visibility = np.zeros(shape, np.float32)
    if track is not None:
        for row, person in zip(track.rows.tolist(), track.people.tolist(), strict=True):
            keypoints[row] = frames[row].keypoints[person]
            visibility[row] = frames[row].scores[person]
    return PoseSequence(
        skeleton=skeleton,
        width=width,
        height=height,
        frame_index=np.array([frame.frame_index for frame in frames], np.int64),
        pts_seconds=np.array([frame.pts_seconds for frame in frames], np.float64),
        keypoints=keypoints,
        visibility=visibility,
    )
