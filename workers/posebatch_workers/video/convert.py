"""From a decoded picture to upright pixels of the wanted size: crop, shrink, convert, turn."""

from __future__ import annotations

from math import floor, log2
from typing import Any

import cv2
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter

from posebatch_workers.video.colour import is_pq, matrix_of, pq_to_sdr
from posebatch_workers.video.filters import filtered
from posebatch_workers.video.mix import Mixer
from posebatch_workers.video.narrow import Narrower
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.orientation import Orientation, Pixels
from posebatch_workers.video.shrink import Shrinker


class Converter:
    """Converts the pictures of one clip. Bound to one thread: it reuses its scalers.

    Narrowing and shrinking come first, on the stored planes: half the bytes of RGB.
    """

    def __init__(
        self, options: ReadOptions, orientation: Orientation, width: int, height: int
    ) -> None:
        self._orientation = orientation
        self._crop = orientation.stored_box(options.roi) if options.roi else None
        self.width, self.height = width, height
        self._narrower = Narrower()
        stored = orientation.shape(self.width, self.height)
        self._shrinker = Shrinker(*stored)
        self._mixer = Mixer(*stored, options.order, orientation, self._shrinker)
        self._format, self._colour = f"{options.order}24", VideoReformatter()
        self._cropper = _Cropper()

    def convert(self, frame: Any, out: Pixels) -> None:
        """Write `frame`, an av.VideoFrame, to `out` (height, width, 3) as upright pixels."""
        matrix = matrix_of(frame, frame.height)
        if self._crop:
            frame = self._cropper.crop(frame, self._crop)
        frame = self._narrower.narrow(frame)
        if self._mixer.suits(frame):
            self._mixer.mix(frame, matrix, out)
        else:
            self._orientation.apply(self._scaled(frame, matrix), out)
        if is_pq(frame):
            cv2.LUT(out, pq_to_sdr(), dst=out)

    def _scaled(self, frame: Any, matrix: Colorspace) -> Pixels:
        frame = self._shrinker.shrink(frame)
        return _pixels(
            self._colour.reformat(frame, format=self._format, src_colorspace=matrix, threads=1)
        )


class _Cropper:
    """Cuts a box out of pictures without a copy, through FFmpeg's own filter."""

    def __init__(self) -> None:
        self._graph: Any = None
        self._made_for: tuple[int, int, str] | None = None

    def crop(self, frame: Any, box: tuple[float, float, float, float]) -> Any:
        made_for = (frame.width, frame.height, frame.format.name)
        if made_for != self._made_for:
            self._graph, self._made_for = _crop_graph(frame, box), made_for
        self._graph.push(frame)
        return self._graph.pull()


def _crop_graph(frame: Any, box: tuple[float, float, float, float]) -> Any:
    x1, y1, x2, y2 = box
    size = f"w=max(2\\,iw*{x2 - x1}):h=max(2\\,ih*{y2 - y1}):x=iw*{x1}:y=ih*{y1}"
    return filtered(frame, "crop", size)


def target_size(shown: tuple[int, int], options: ReadOptions) -> tuple[int, int]:
    """Width and height that are handed out: the region of interest, shrunk as asked."""
    x1, y1, x2, y2 = options.roi or (0.0, 0.0, 1.0, 1.0)
    width, height = shown[0] * (x2 - x1), shown[1] * (y2 - y1)
    longer = max(width, height)
    halvings = max(0, floor(log2(longer / options.least_side))) if options.least_side else 0
    scale = min(1.0, 0.5**halvings, (options.max_side or longer) / longer)
    return max(2, round(width * scale)), max(2, round(height * scale))


def _pixels(packed: Any) -> Pixels:
    """A view (h, w, 3) of an rgb24 or bgr24 frame, without its padding."""
    plane = packed.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(packed.height, plane.line_size)
    return rows[:, : packed.width * 3].reshape(packed.height, packed.width, 3)
