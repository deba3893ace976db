"""Everybody seen in a clip, frame after frame, as one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import FramePoses, Integers
from posebatch_workers.trackers.boxes import body_size

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """M people seen in F frames, in the order of the frames, in units of picture height.

    `rows` (M,) is the frame of each, `people` (M,) the place in that frame; `seconds` (M,), points
    (M, K, 2), weights (M, K) of the points, boxes (M, 4) and their sizes (M,); `starts` (F + 1,) is
    where each frame's people begin.
    """

    rows: Integers
    people: Integers
    seconds: Doubles
    points: Doubles
    weights: Doubles
    boxes: Doubles
    sizes: Doubles
    starts: Integers


def sightings(frames: Sequence[FramePoses], aspect: float) -> Sightings:
    """Those of one or more `frames`; `aspect` is picture width over height."""
    counts = np.array([len(frame.scores) for frame in frames])
    starts = np.concatenate([[0], np.cumsum(counts)])
    rows = np.repeat(np.arange(len(frames)), counts)
    boxes = np.concatenate([frame.bboxes for frame in frames]) * (aspect, 1.0, aspect, 1.0)
    points = np.concatenate([frame.keypoints[:, :, :2] for frame in frames]) * (aspect, 1.0)
    return Sightings(
        rows=rows,
        people=np.arange(len(rows)) - starts[rows],
        seconds=np.array([frame.pts_seconds for frame in frames])[rows],
        points=points,
        # Even a body of doubtful points has a place.
        weights=np.concatenate([frame.scores for frame in frames]).astype(np.float64) + 0.05,
        boxes=boxes,
        sizes=body_size(boxes),
        starts=starts,
    )
