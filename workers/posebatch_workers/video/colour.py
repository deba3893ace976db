"""How a picture's brightness and colour planes become red, green and blue."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from posebatch_workers.video.options import Order
from posebatch_workers.video.orientation import Pixels

#: AVColorSpace, as FFmpeg numbers it, to the matrices that swscale has.
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
#: Share of red and of blue in brightness (ITU-T H.273, table 4).
_SHARES = {
    Colorspace.ITU709: (0.2126, 0.0722),
    Colorspace.FCC: (0.30, 0.11),
    Colorspace.ITU601: (0.299, 0.114),
    Colorspace.SMPTE240M: (0.212, 0.087),
    Colorspace.BT2020: (0.2627, 0.0593),
}
_PQ = 16  # AVCOL_TRC_SMPTE2084
#: Untagged pictures from this height on are BT.709 to browsers and players, below it BT.601.
_HD_HEIGHT = 720
_WHITE_NITS = 203.0  # reference white of PQ pictures (ITU-R BT.2408)


def matrix_of(frame: Any, stored_height: int) -> Colorspace:
    """The matrix of an av.VideoFrame; untagged or unknown ones get what players assume."""
    guess = Colorspace.ITU709 if stored_height >= _HD_HEIGHT else Colorspace.ITU601
    return _MATRICES.get(frame.colorspace, guess)


def is_full_range(frame: Any) -> bool:
    """Whether brightness goes from 0 to 255, not from 16 to 235."""
    return bool(frame.color_range == ColorRange.JPEG) or frame.format.name.startswith("yuvj")


def is_pq(frame: Any) -> bool:
    """Whether levels are those of SMPTE ST 2084, which `pq_to_sdr` brings to a screen's."""
    return bool(frame.color_trc == _PQ)


@lru_cache
def to_rgb(colorspace: Colorspace, full_range: bool, order: Order) -> NDArray[np.float64]:
    """Factors (3, 4) for (Y, Cb, Cr, 1) of 8 bits, one row per colour (ITU-T H.273, 8.3)."""
    red, blue = _SHARES[colorspace]
    green = 1 - red - blue
    u, v = 2 * (1 - blue), 2 * (1 - red)
    colours = np.array([[1, 0, v], [1, -u * blue / green, -v * red / green], [1, u, 0]])
    black, luma, chroma = (0, 255, 255) if full_range else (16, 219, 224)
    factors = colours * 255 / (luma, chroma, chroma)
    rows = np.column_stack([factors, -factors @ (black, 128, 128)])
    return rows if order == "rgb" else rows[::-1]


@lru_cache
def pq_to_sdr() -> Pixels:
    """Table from PQ code (SMPTE ST 2084) to sRGB code, bright parts rolled off towards white."""
    code = np.linspace(0, 1, 256) ** (1 / 78.84375)
    light = np.maximum(code - 0.8359375, 0) / (18.8515625 - 18.6875 * code)
    linear = 10_000 * light ** (1 / 0.1593017578125) / _WHITE_NITS
    rolled = linear * (1 + linear / 16) / (1 + linear)
    return np.asarray(np.clip(255 * rolled ** (1 / 2.2), 0, 255).round(), np.uint8)
