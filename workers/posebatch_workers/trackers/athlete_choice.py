"""Which of several people is the athlete: by a stated rule, recorded, and overridable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, median_filter, minimum_filter1d

from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import check_athlete
from posebatch_shared.poses import FramePoses, PoseSequence, Skeleton
from posebatch_workers.trackers.association import Track, body_size, follow
from posebatch_workers.trackers.interpolation import between_looks

#: Vertical motion of a body that stands still, so that among such the larger one is chosen.
STILL = 0.03
#: A jump from crouch to landing fits in this time; slower rise and fall is walking to the camera.
WINDOW_SECONDS = 1.0
#: Heights are compared at this rate, since frames may be far apart where nobody moves.
_RATE_HZ = 60.0
#: Unseen for longer, a change of place says nothing about how fast it was.
ABSENCE_SECONDS = 0.3
#: Rules by place consider only people seen for this share of the longest-seen one's time.
MIN_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the rules know of one track."""

    track: int
    seen_share: float  #: time seen over the time of the clip
    size: float  #: area of the box inside the picture over the picture's, averaged over the clip
    rise: float  #: largest vertical travel of the body within a second, in body sizes
    place: float  #: median x of the box centre, 0 left to 1 right


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
    "auto": lambda c: c.size * (c.rise + STILL),
    "largest": lambda c: c.size,
    "moving": lambda c: c.rise * min(1.0, c.seen_share / MIN_SHARE),
    "left": lambda c: -c.place,
    "right": lambda c: c.place,
}


def choose_athlete(
    frames: Sequence[FramePoses],
    rule: str = "auto",
    *,
    skeleton: Skeleton,
    width: int,
    height: int,
) -> AthleteChoice:
    """One person over all frames, NaN and visibility 0 where unseen.

    auto: largest and most moving vertically over the clip. Frames whose pts does not grow are left
    out; those not looked at are interpolated. UsageError for an unknown rule, or a track:N that the
    clip does not have.
    """
    check_athlete(rule)
    frames = _growing(frames)
    looks = [frame for frame in frames if frame.tracked]
    tracks = follow(looks, aspect=width / height)
    shares = _time_shares(looks)
    candidates = tuple(_candidate(t, looks, shares, width / height) for t in tracks)
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
    return max(lasting, key=_RULES[rule]).track


def _time_shares(frames: Sequence[FramePoses]) -> NDArray[np.float64]:
    """(F,) how much of the clip's time each frame stands for; 1 in sum."""
    if len(frames) < 2:
        return np.ones(len(frames))
    seconds = np.gradient([frame.pts_seconds for frame in frames])
    return np.asarray(seconds / seconds.sum())


def _candidate(
    track: Track, frames: Sequence[FramePoses], shares: NDArray[np.float64], aspect: float
) -> Candidate:
    pairs = list(zip(track.rows.tolist(), track.people.tolist(), strict=True))
    boxes = np.stack([frames[row].bboxes[person] for row, person in pairs]).astype(np.float64)
    seconds = np.array([frames[row].pts_seconds for row, _ in pairs])
    middles = np.array([np.median(frames[row].keypoints[person, :, 1]) for row, person in pairs])
    size = float(np.median(body_size(boxes * np.tile((aspect, 1.0), 2))))
    shown = boxes.clip(0, 1)  # what a tracker makes up beyond the border is not seen
    areas = np.prod(shown[:, 2:] - shown[:, :2], axis=1)
    return Candidate(
        track=track.number,
        seen_share=float(shares[track.rows].sum()),
        size=float((areas * shares[track.rows]).sum()),
        rise=_rise(middles, seconds) / max(size, 1e-6),
        place=float(np.median((boxes[:, 0] + boxes[:, 2]) / 2)),
    )


def _rise(heights: NDArray[np.float64], seconds: NDArray[np.float64]) -> float:
    """Largest travel within a window of time, not across absences; single outliers do not count."""
    absences = np.flatnonzero(np.diff(seconds) > ABSENCE_SECONDS) + 1
    pieces = zip(np.split(heights, absences), np.split(seconds, absences), strict=True)
    return max(_travel(*piece) for piece in pieces)


def _travel(heights: NDArray[np.float64], seconds: NDArray[np.float64]) -> float:
    if len(heights) < 5:
        return 0.0
    smooth = median_filter(heights, size=5, mode="nearest")
    even = np.interp(np.arange(seconds[0], seconds[-1], 1 / _RATE_HZ), seconds, smooth)
    window = round(WINDOW_SECONDS * _RATE_HZ)
    return float((maximum_filter1d(even, window) - minimum_filter1d(even, window)).max())


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
