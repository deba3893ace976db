"""Where the people are: YOLOX, or RTMDet, over whole pictures."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from posebatch_shared.poses import Floats
from posebatch_workers.trackers.batches import BatchedNetwork, Outputs
from posebatch_workers.trackers.crop import BGR, Normalisation, Pixels, from_letterbox, letterbox

STRIDES = (8, 16, 32)
#: Boxes that overlap more are one person; as in the exports that suppress by themselves.
SAME_PERSON = 0.45
_PERSON = 0  # the first class of COCO; the person-only models have no other


class PersonDetector:
    """Boxes of the people in each of several pictures.

    Understands exports with the suppression inside (dets (N, 5), labels (N,)) and raw heads
    (rows, 5 + classes) of centre, logarithmic size, objectness, class scores.
    """

    def __init__(
        self, network: BatchedNetwork, *, confidence: float, normalisation: Normalisation = BGR
    ) -> None:
        self.network = network
        self._confidence = confidence
        self._normalisation = normalisation

    def detect(self, pictures: Sequence[Pixels]) -> list[Floats]:
        """For each RGB picture (H, W, 3) the boxes (N, 4) of its people, in its pixels."""
        _, height, width = self.network.input_shape

        def prepare(item: int, out: Floats) -> None:
            self._normalisation.write(letterbox(pictures[item], height, width), out)

        answers = self.network.map(len(pictures), prepare)
        return [
            self._boxes(answer, picture) for answer, picture in zip(answers, pictures, strict=True)
        ]

    def _boxes(self, answer: Outputs, picture: Pixels) -> Floats:
        _, height, width = self.network.input_shape
        boxes, scores = self._people(answer)
        corners = boxes[scores >= self._confidence].reshape(-1, 2, 2)
        corners = from_letterbox(corners, picture.shape, height, width)
        limits = np.array((picture.shape[1], picture.shape[0]), np.float32)
        corners = np.clip(corners, 0.0, limits)
        # The padding is no place for a person: what lies wholly in it has no area left.
        whole = (corners[:, 1] - corners[:, 0] > 1.0).all(axis=1)
        return np.asarray(corners[whole].reshape(-1, 4), np.float32)

    def _people(self, answer: Outputs) -> tuple[Floats, Floats]:
        rows = answer[0]
        if len(answer) > 1 and rows.shape[-1] == 5:
            people = answer[1].reshape(-1) == _PERSON
            return rows[people, :4], rows[people, 4]
        _, height, width = self.network.input_shape
        return decode_raw(rows, height, width, confidence=self._confidence)


def decode_raw(
    rows: Floats, height: int, width: int, *, confidence: float
) -> tuple[Floats, Floats]:
    """Raw YOLOX rows (R, 5 + C) to boxes (N, 4) in input pixels and scores (N,), suppressed."""
    cells, strides = _grid(height, width)
    scores = rows[:, 4] * rows[:, 5 + _PERSON]
    keep = scores >= confidence
    centres = (rows[keep, :2] + cells[keep]) * strides[keep]
    halves = np.exp(rows[keep, 2:4]) * strides[keep] / 2
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    kept = suppress(boxes, scores[keep])
    return boxes[kept], scores[keep][kept]


def _grid(height: int, width: int) -> tuple[Floats, Floats]:
    """Cell (R, 2) x, y and stride (R, 1) of every row, level by level."""
    cells, strides = [], []
    for stride in STRIDES:
        y, x = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack([x.ravel(), y.ravel()], axis=1))
        strides.append(np.full((x.size, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def suppress(boxes: Floats, scores: Floats) -> list[int]:
    """Rows to keep when of boxes that overlap more than SAME_PERSON only the best stays."""
    corners_and_sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(corners_and_sides.tolist(), scores.tolist(), 0.0, SAME_PERSON)
    return [int(row) for row in np.asarray(kept).ravel()]
