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
from posebatch_workers.video.orientation import AS_STORED, Orientation, Pixels
from posebatch_workers.video.planes import Buffers, Plane, has_planes
from posebatch_workers.video.shrink import Shrinker


class Mixer:
    """Mixes the planes of one clip's pictures, of 8 bits each, to upright pixels of one size.

    Planes are turned, not pixels: that takes half of the time.
    """

    def __init__(
        self, width: int, height: int, order: Order, orientation: Orientation, shrinker: Shrinker
    ) -> None:
        self._order, self._orientation, self._shrinker = order, orientation, shrinker
        self._stored, self._upright = (height, width), orientation.shape(width, height)[::-1]
        self._turned = Buffers()
        self._mixed = np.empty((*self._upright, 3), np.uint8)

    def suits(self, frame: Any) -> bool:
        """Whether no plane of `frame`, an av.VideoFrame, would have to be enlarged."""
        if not has_planes(frame):
            return False
        (height, width), colours = self._stored, frame.planes[1]
        return bool(colours.height >= height and colours.width >= width)

    def mix(self, frame: Any, colorspace: Colorspace, out: Pixels) -> None:
        """Write `frame` to `out` (height, width, 3) as upright pixels."""
        numbered = enumerate(self._shrinker.planes(frame))
        cv2.merge([self._turn(number, plane) for number, plane in numbered], dst=self._mixed)
        factors = to_rgb(colorspace, is_full_range(frame), self._order)
        cv2.transform(self._mixed, factors, dst=out)

    def _turn(self, number: int, plane: Plane) -> Plane:
        if self._orientation == AS_STORED:
            return plane
        out = self._turned.array(number, (*self._upright, *plane.shape[2:]), plane.dtype)
        self._orientation.apply(plane, out)
        return out
