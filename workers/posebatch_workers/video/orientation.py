"""Which turn and reflection a display matrix asks for, and how to apply them to pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """Turn clockwise by `degrees` (0, 90, 180, 270), then mirror left to right if `mirrored`."""

    degrees: int = 0
    mirrored: bool = False

    @property
    def swaps_axes(self) -> bool:
        """Whether width and height change places."""
        return self.degrees in (90, 270)

    def shape(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of a stored width × height picture once it is upright."""
        return (height, width) if self.swaps_axes else (width, height)

    def apply(self, stored: Pixels, upright: Pixels) -> None:
        """Write `stored` (h, w, …) the right way up into `upright`, in one pass over memory.

        Only the transverse reflection, which no camera is known to write, takes two.
        """
        if not self.mirrored:
            self._turn(stored, upright)
        elif self.degrees == 90:
            cv2.transpose(stored, dst=upright)
        elif self.degrees == 270:
            cv2.rotate(cv2.transpose(stored), cv2.ROTATE_180, dst=upright)
        else:
            cv2.flip(stored, 1 if self.degrees == 0 else 0, dst=upright)

    def _turn(self, stored: Pixels, upright: Pixels) -> None:
        if self.degrees:
            cv2.rotate(stored, _TURNS[self.degrees], dst=upright)
        else:
            np.copyto(upright, stored)

    def stored_box(self, box: Sequence[float]) -> tuple[float, float, float, float]:
        """A box x1, y1, x2, y2 in 0–1 of the upright picture, in 0–1 of the stored one."""
        x1, y1, x2, y2 = box
        if self.mirrored:
            x1, x2 = 1 - x2, 1 - x1
        for _ in range(self.degrees // 90):
            x1, y1, x2, y2 = y1, 1 - x2, y2, 1 - x1
        return x1, y1, x2, y2


AS_STORED = Orientation()


def from_matrix(matrix: bytes) -> Orientation:
    """The orientation nearest to a display matrix: nine int32, row by row, in 16.16.

    A stored point (p, q) is shown at (a·p + c·q, b·p + d·q) (ISO/IEC 14496-12, 8.2.2.3). Angles
    between the quarter turns go to the nearest one.
    """
    a, b, _, c, d = np.frombuffer(matrix, np.int32, count=5).tolist()
    mirrored = a * d - b * c < 0
    if mirrored:  # undo the mirror, which negates x as shown
        a, c = -a, -c
    quarter = round(np.degrees(np.arctan2(b, a)) / 90) % 4
    return Orientation(degrees=quarter * 90, mirrored=mirrored)
