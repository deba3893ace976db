"""One upright picture and when it is shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """An upright picture: `pixels` (height, width, 3) uint8, maybe a view that is reused.

    RGB unless `ReadOptions.order` asks for BGR.
    """

    frame_index: int
    pts_seconds: float
    pixels: NDArray[np.uint8]

    def __repr__(self) -> str:
        return f"Frame({self.frame_index}, {self.pts_seconds:.4f} s, {self.pixels.shape})"
