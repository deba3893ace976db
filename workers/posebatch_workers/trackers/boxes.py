"""Boxes x1, y1, x2, y2 around people: their size, and how far they lie over each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def body_size(boxes: Doubles) -> Doubles:
    """(N,) longer side of each box, so that crouching with arms out counts like standing."""
    sides = boxes[:, 2:] - boxes[:, :2]
    return np.asarray(np.maximum(sides.max(axis=1), 1e-6))


def overlap(a: Doubles, b: Doubles) -> Doubles:
    """(A, B) intersection over union."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = _areas(np.maximum(high - low, 0.0))
    area_a, area_b = (_areas(boxes[:, 2:] - boxes[:, :2]) for boxes in (a, b))
    return np.asarray(common / np.maximum(area_a[:, None] + area_b - common, 1e-12))


def _areas(sides: Doubles) -> Doubles:
    return np.asarray(sides[..., 0] * sides[..., 1])
