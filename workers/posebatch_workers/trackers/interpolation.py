"""Where was the athlete in frames that nobody looked at? Between the looks before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from posebatch_shared.poses import Floats, FramePoses, PoseSequence, Seconds


def between_looks(looks: PoseSequence, frames: Sequence[FramePoses]) -> PoseSequence:
    """`looks` (the tracked ones among `frames`) over all frames, linear in time between two looks
    at which the athlete was seen, NaN where one of them shows nobody."""
    tracked = np.array([frame.tracked for frame in frames], np.bool_)
    if tracked.all():
        return looks
    seconds = np.array([frame.pts_seconds for frame in frames])
    after = np.clip(np.searchsorted(looks.pts_seconds, seconds), 1, len(looks) - 1)
    before = after - 1
    span = looks.pts_seconds[after] - looks.pts_seconds[before]
    weight = ((seconds - looks.pts_seconds[before]) / span)[:, None]
    keypoints = _mixed(looks.keypoints[before], looks.keypoints[after], weight[:, :, None])
    visibility = _mixed(looks.visibility[before], looks.visibility[after], weight)
    visibility[np.isnan(keypoints[:, :, 0])] = 0
    keypoints[tracked], visibility[tracked] = looks.keypoints, looks.visibility
    return replace(
        looks,
        frame_index=np.array([frame.frame_index for frame in frames], np.int64),
        pts_seconds=seconds,
        keypoints=keypoints,
        visibility=visibility,
        tracked=tracked,
    )


def _mixed(before: Floats, after: Floats, weight: Seconds) -> Floats:
    return np.asarray((1 - weight) * before + weight * after, np.float32)
