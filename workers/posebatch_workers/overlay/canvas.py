"""One picture of the film: YUV 4:2:0 from the spool to the encoder, and drawn on as such."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Points = NDArray[np.int32]
#: One level per plane: brightness, then the two of colour.
Colour = tuple[int, int, int]

#: How often the planes are halved.
_HALVED = (0, 1, 1)
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


def text_width(text: str, scale: float) -> int:
    """Pixels that a line of text takes from left to right."""
    return int(cv2.getTextSize(text, _FONT, scale, 1)[0][0])


class Canvas:
    """Memory for one picture of even width and height, re-used from picture to picture.

    Colours have half the sharpness of brightness, as in the film: whatever is drawn is drawn on
    each plane, on those of colour at half the size.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.frame = av.VideoFrame(width, height, "yuv420p")
        #: The planes as they lie in memory, for files.
        self.buffers = [memoryview(plane) for plane in self.frame.planes]
        self.bytes = sum(buffer.nbytes for buffer in self.buffers)
        self._planes = [_samples(plane) for plane in self.frame.planes]

    def show(self, pixels: Pixels) -> None:
        """Take over an RGB picture (h, w, 3) of any size, interpolated to this one."""
        size = (self.width, self.height)
        if pixels.shape[1::-1] != size:
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        rows = cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420)  # a fifth of swscale's time
        for plane, samples in zip(self._planes, self._packed(rows), strict=True):
            plane[:] = samples

    def bgr(self) -> Pixels:
        """The picture as OpenCV's writers want it."""
        rows = np.empty((self.height * 3 // 2, self.width), np.uint8)
        for plane, samples in zip(self._planes, self._packed(rows), strict=True):
            samples[:] = plane
        return np.asarray(cv2.cvtColor(rows, cv2.COLOR_YUV2BGR_I420), np.uint8)

    def lines(self, lines: Sequence[Points], ink: Colour, thickness: int) -> None:
        """Draw open lines (n, 2) with round ends; one from a point to itself is a dot."""
        for plane, level, halved in zip(self._planes, ink, _HALVED, strict=True):
            thick = _half(thickness) if halved else thickness
            cv2.polylines(plane, lines, False, level, thick, shift=halved)

    def box(self, corner: Sequence[int], opposite: Sequence[int], ink: Colour) -> None:
        """Draw a thin rectangle."""
        self._rectangle(corner, opposite, ink, 1)

    def bar(self, corner: Sequence[int], opposite: Sequence[int], ink: Colour) -> None:
        """Draw a filled rectangle."""
        self._rectangle(corner, opposite, ink, cv2.FILLED)

    def _rectangle(
        self, corner: Sequence[int], opposite: Sequence[int], ink: Colour, thickness: int
    ) -> None:
        for plane, level, halved in zip(self._planes, ink, _HALVED, strict=True):
            cv2.rectangle(plane, corner, opposite, level, thickness, shift=halved)

    def text(self, text: str, at: tuple[int, int], scale: float) -> None:
        """Write bright text, its lower left corner `at`, in the hue of what lies beneath it."""
        cv2.putText(self._planes[0], text, at, _FONT, scale, _BRIGHT, 1, cv2.LINE_AA)

    def _packed(self, rows: Pixels) -> tuple[Pixels, Pixels, Pixels]:
        """The planes within OpenCV's form of such a picture: one below the other."""
        u, v = rows[self.height :].reshape(2, self.height // 2, self.width // 2)
        return rows[: self.height], u, v


def _samples(plane: Any) -> Pixels:
    """A view (h, w) of a plane without its padding."""
    return np.frombuffer(plane, np.uint8).reshape(plane.height, -1)[:, : plane.width]


def _half(thickness: int) -> int:
    return (thickness + 1) // 2
