"""Stored planes to RGB in one pass over memory, for pictures of half the size or less.

Their colour planes are large enough as they are stored, so only brightness is shrunk. OpenCV's
product takes two thirds of swscale's time, and a sixth where a side is odd.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from av.video.reformatter import Colorspace

from posebatch_workers.video.colour import is_full_range, to_rgb
from posebatch_workers.video.options import Order
from posebatch_workers.video.orientation import Pixels
from posebatch_workers.video.planes import has_planes, planes
from posebatch_workers.video.shrink import Shrinker


class Mixer:
    """Mixes the planes of one clip's pictures, of 8 bits each, to pixels of one size."""

    def __init__(self, width: int, height: int, order: Order, shrinker: Shrinker) -> None:
        self._order, self._shrinker = order, shrinker
        self._mixed = np.empty((height, width, 3), np.uint8)
        self._pixels = np.empty((height, width, 3), np.uint8)

    def suits(self, frame: Any) -> bool:
        """Whether no plane of `frame`, an av.VideoFrame, would have to be enlarged."""
        if not has_planes(frame):
            return False
        (height, width), stored = self._mixed.shape[:2], planes(frame)[1].shape
        return bool(stored[0] >= height and stored[1] >= width)

    def mix(self, frame: Any, colorspace: Colorspace) -> Pixels:
        """`frame` as pixels (height, width, 3), valid until the next call."""
        cv2.merge(self._shrinker.planes(frame), dst=self._mixed)
        factors = to_rgb(colorspace, is_full_range(frame), self._order)
        cv2.transform(self._mixed, factors, dst=self._pixels)
        return self._pixels
