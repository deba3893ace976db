"""One picture of the film: YUV 4:2:0 from the spool to the encoder, and drawn on as such."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from posebatch_workers.video.planes import planes

Pixels = NDArray[np.uint8]
Points = NDArray[np.int32]
#: Brightness, then the two levels of colour.
Colour = tuple[int, int, int]

_BRIGHT = 235
_FONT = cv2.FONT_HERSHEY_SIMPLEX
#: BT.601 in video range, which is OpenCV's only matrix and what the film is tagged with.
_FROM_RGB = np.array(
    [
        [65.481, 128.553, 24.966, 16],
        [-37.797, -74.203, 112.0, 128],
        [112.0, -93.786, -18.214, 128],
    ]
)


def colour(red: int, green: int, blue: int) -> Colour:
    """A colour of 0 to 255 each as the canvas has it."""
    y, u, v = (_FROM_RGB @ (red / 255, green / 255, blue / 255, 1)).round().astype(int).tolist()
    return y, u, v


@lru_cache(maxsize=256)
def text_width(text: str, scale: float) -> int:
    """Pixels that a line of text takes from left to right."""
    return int(cv2.getTextSize(text, _FONT, scale, 1)[0][0])


class Canvas:
    """Memory for one picture of even width and height, re-used from picture to picture.

    Colour has half the sharpness of brightness, as in the film: whatever is drawn is drawn on both
    planes, on that of colour at half the size.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.frame = av.VideoFrame(width, height, "nv12")
        #: The planes as they lie in memory, for files.
        self.buffers = [memoryview(plane) for plane in self.frame.planes]
        self.bytes = sum(buffer.nbytes for buffer in self.buffers)
        self._luma, self._chroma = planes(self.frame)
        self._rows = self._colours = np.empty((0, 0), np.uint8)

    def show(self, pixels: Pixels) -> None:
        """Take over an RGB picture (h, w, 3) of any size, interpolated to this one."""
        height, width = (side // 2 * 2 for side in pixels.shape[:2])
        self._fit_rows(width, height)
        # A fifth of swscale's time; and planes are half as much to interpolate as RGB.
        cv2.cvtColor(pixels[:height, :width], cv2.COLOR_RGB2YUV_I420, dst=self._rows)
        u, v = self._rows[height:].reshape(2, height // 2, width // 2)
        cv2.merge((u, v), dst=self._colours)
        for plane, out in ((self._rows[:height], self._luma), (self._colours, self._chroma)):
            cv2.resize(plane, out.shape[1::-1], dst=out, interpolation=cv2.INTER_LINEAR)

    def _fit_rows(self, width: int, height: int) -> None:
        """Have memory for a picture of that size before it is interpolated: new memory costs more
        than what is written to it."""
        if self._rows.shape != (height * 3 // 2, width):
            self._rows = np.empty((height * 3 // 2, width), np.uint8)
            self._colours = np.empty((height // 2, width // 2, 2), np.uint8)

    def bgr(self) -> Pixels:
        """The picture as OpenCV's writers want it."""
        bgr = cv2.cvtColorTwoPlane(self._luma, self._chroma, cv2.COLOR_YUV2BGR_NV12)
        return np.asarray(bgr, np.uint8)

    def lines(self, lines: Sequence[Points], ink: Colour, thickness: int) -> None:
        """Draw open lines (n, 2) with round ends; one from a point to itself is a dot."""
        cv2.polylines(self._luma, lines, False, ink[0], thickness)
        cv2.polylines(self._chroma, lines, False, ink[1:], (thickness + 1) // 2, shift=1)

    def box(self, corner: Sequence[int], opposite: Sequence[int], ink: Colour) -> None:
        """Draw a thin rectangle."""
        cv2.rectangle(self._luma, corner, opposite, ink[0], 1)
        cv2.rectangle(self._chroma, corner, opposite, ink[1:], 1, shift=1)

    def bar(self, left: int, top: int, right: int, bottom: int, ink: Colour) -> None:
        """Fill a rectangle within the picture."""
        # Not through OpenCV: each of its calls lets another part's thread take over.
        self._luma[top:bottom, left:right] = ink[0]
        self._chroma[top // 2 : bottom // 2, left // 2 : right // 2] = ink[1:]

    def text(self, text: str, at: tuple[int, int], scale: float) -> None:
        """Write bright text, its lower left corner `at`, in the hue of what lies beneath it."""
        cv2.putText(self._luma, text, at, _FONT, scale, _BRIGHT, 1, cv2.LINE_AA)
