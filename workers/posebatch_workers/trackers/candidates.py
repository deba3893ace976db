"""What speaks for each of several people as the athlete: how long, large and lively they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter, minimum_filter1d

from posebatch_shared.poses import FramePoses, Skeleton
from posebatch_workers.trackers.association import Track
from posebatch_workers.trackers.boxes import body_size

Doubles = NDArray[np.float64]

#: Their middle goes far in a jump, half as far in a squat, nowhere when somebody stoops or swings
#: his arms.
LEGS = ("left_hip", "right_hip", "left_ankle", "right_ankle")
#: A jump takes no longer from crouch to apex, nor on to the landing.
WINDOW_SECONDS = 1.0
#: Heights are compared at this rate, since frames may be far apart where nobody moves.
_RATE_HZ = 60.0
#: Unseen for longer, a change of place says nothing about how fast it was.
ABSENCE_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the rules know of one track."""

    track: int
    seen_share: float  #: time seen over the time of the clip
    size: float  #: area of the box inside the picture over the picture's, averaged over the clip
    legs_share: float  #: share of that time in which the middle of the legs is in the picture
    rise: float  #: farthest that this middle goes up and down or down and up, in body sizes
    place: float  #: median x of the box centre, 0 left to 1 right


def candidates_of(
    tracks: Sequence[Track], frames: Sequence[FramePoses], *, skeleton: Skeleton, aspect: float
) -> tuple[Candidate, ...]:
    """The tracks over `frames`, in their order; `aspect` is picture width over height."""
    shares = _time_shares(frames)
    legs = [row for row in map(skeleton.index, LEGS) if row is not None]
    return tuple(_candidate(track, frames, shares, legs, aspect) for track in tracks)


def _time_shares(frames: Sequence[FramePoses]) -> Doubles:
    """(F,) how much of the clip's time each frame stands for; 1 in sum."""
    if len(frames) < 2:
        return np.ones(len(frames))
    seconds = np.gradient([frame.pts_seconds for frame in frames])
    return np.asarray(seconds / seconds.sum())


def _candidate(
    track: Track,
    frames: Sequence[FramePoses],
    shares: Doubles,
    legs: Sequence[int],
    aspect: float,
) -> Candidate:
    pairs = list(zip(track.rows.tolist(), track.people.tolist(), strict=True))
    boxes = np.stack([frames[row].bboxes[person] for row, person in pairs]).astype(np.float64)
    middles = np.stack([frames[r].keypoints[p, legs, :2] for r, p in pairs]).mean(axis=1)
    times = shares[track.rows]
    inside = ((middles > 0) & (middles < 1)).all(axis=1)
    seconds = np.array([frames[row].pts_seconds for row, _ in pairs])
    size = float(np.median(body_size(boxes * np.tile((aspect, 1.0), 2))))
    shown = boxes.clip(0, 1)  # what a tracker makes up beyond the border is not seen
    areas = np.prod(shown[:, 2:] - shown[:, :2], axis=1)
    return Candidate(
        track=track.number,
        seen_share=float(times.sum()),
        size=float((areas * times).sum()),
        legs_share=float(times[inside].sum() / times.sum()),
        rise=_rise(middles[inside, 1], seconds[inside]) / max(size, 1e-6),
        place=float(np.median((boxes[:, 0] + boxes[:, 2]) / 2)),
    )


def _rise(heights: Doubles, seconds: Doubles) -> float:
    """Largest way there and back, not across absences; single outliers do not count."""
    absences = np.flatnonzero(np.diff(seconds) > ABSENCE_SECONDS) + 1
    pieces = zip(np.split(heights, absences), np.split(seconds, absences), strict=True)
    return max(_there_and_back(*piece) for piece in pieces)


def _there_and_back(heights: Doubles, seconds: Doubles) -> float:
    """Walking towards the camera, sitting down and stooping go one way only."""
    if len(heights) < 5:
        return 0.0
    smooth = median_filter(heights, size=5, mode="nearest")
    even = np.interp(np.arange(seconds[0], seconds[-1], 1 / _RATE_HZ), seconds, smooth)
    return max(_hill(even), _hill(-even))


def _hill(heights: Doubles) -> float:
    """How far the top of the largest hill lies over its foot on either side."""
    half = round(WINDOW_SECONDS * _RATE_HZ / 2)
    before, after = (
        minimum_filter1d(heights, 2 * half + 1, mode="nearest", origin=side)
        for side in (half, -half)
    )
    return float((heights - np.maximum(before, after)).max())
