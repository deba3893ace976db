"""Where in a whole picture the people are."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from posebatch_shared.poses import Floats
from posebatch_workers.trackers.blazepose.regions import Region, around_body
from posebatch_workers.trackers.sessions import Network

SIDE = 224
#: Cells per side of each grid of anchors, and anchors per cell.
_GRIDS = ((28, 2), (14, 2), (7, 6))
#: Boxes that overlap the best one this much (intersection over union) are the same person.
_SAME_PERSON = 0.3


def anchors() -> Floats:
    """(2254, 2) centres that the network's offsets are relative to, 0–1 of its input."""
    grids = []
    for cells, repeats in _GRIDS:
        rows, columns = np.mgrid[:cells, :cells]
        centres = np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5
        grids.append(np.repeat(centres / cells, repeats, axis=0))
    return np.concatenate(grids).astype(np.float32)


class Detector:
    """MediaPipe's pose detector: `network` answers boxes (N, 2254, 12) and scores (N, 2254, 1)."""

    def __init__(self, network: Network, *, confidence: float) -> None:
        self._network = network
        self._confidence = confidence
        self._anchors = anchors()

    def find(self, pixels: NDArray[np.uint8], square: Region) -> list[Region]:
        """The crops around the people in one square of an RGB picture."""
        crop = square.crop(pixels, SIDE, border=cv2.BORDER_CONSTANT)
        raw, logits = self._network.run(pixels=crop[None])
        people = distinct_people(raw[0], logits[0, :, 0], self._anchors, self._confidence)
        return [around_body(*square.to_picture(person[2:4])) for person in people]


def distinct_people(
    raw: Floats, logits: Floats, centres: Floats, confidence: float
) -> list[Floats]:
    """(6, 2) per person: box centre, width and height, four keypoints, all 0–1 of the input.

    Boxes of the same person are averaged by score, which is steadier than the best box alone.
    """
    scores = expit(logits)
    kept = np.flatnonzero(scores >= confidence)
    boxes = raw[kept].reshape(-1, 6, 2) / np.float32(SIDE)
    boxes[:, [0, 2, 3, 4, 5]] += centres[kept, None]
    scores = scores[kept]
    people = []
    while len(boxes):
        same = _overlap(boxes, boxes[scores.argmax()]) > _SAME_PERSON
        people.append(np.average(boxes[same], axis=0, weights=scores[same]))
        boxes, scores = boxes[~same], scores[~same]
    return people


def _overlap(boxes: Floats, box: Floats) -> Floats:
    """Intersection over union of each box with `box`; rows are centre and size first."""
    low = np.maximum(boxes[:, 0] - boxes[:, 1] / 2, box[0] - box[1] / 2)
    high = np.minimum(boxes[:, 0] + boxes[:, 1] / 2, box[0] + box[1] / 2)
    shared = np.clip(high - low, 0, None).prod(axis=1)
    return np.asarray(shared / (boxes[:, 1].prod(axis=1) + box[1].prod() - shared), np.float32)
