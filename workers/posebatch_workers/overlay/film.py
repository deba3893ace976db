"""How large the overlay's pictures are, and how a tracked picture becomes one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

MAX_SIDE = 720


def film_size(width: int, height: int) -> tuple[int, int]:
    """Even width and height, the longer side at most 720, never enlarged."""
    scale = min(1.0, MAX_SIDE / max(width, height))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def fit(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """A copy of `pixels` (h, w, 3) with the given width and height, to be drawn on."""
    if pixels.shape[1::-1] == size:
        return pixels.copy()
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
