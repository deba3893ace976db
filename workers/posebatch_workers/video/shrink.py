"""Shrinking decoded pictures on their stored planes: by averaging, at a fraction of RGB's cost."""

from __future__ import annotations

from itertools import count
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import DTypeLike, NDArray

#: Samples of a plane, and how many of them interleave in each plane after the first.
_LAYOUTS: dict[str, tuple[DTypeLike, int]] = {
    **{f"yuv{j}{chroma}p": (np.uint8, 1) for j in ("", "j") for chroma in (420, 422, 444)},
    **{f"yuv{chroma}p{bits}le": (np.uint16, 1) for chroma in (420, 422, 444) for bits in (10, 12)},
    "nv12": (np.uint8, 2),
    "p010le": (np.uint16, 2),
}

Plane = NDArray[Any]


class Shrinker:
    """Brings the pictures of one clip to one size, in their own pixel format.

    Each plane is halved by averaging while it is more than twice too large, then interpolated:
    every stored sample counts about equally, so fine texture does not alias. It takes about half
    of the time of swscale's area filter, which is left for formats with other layouts.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._target: Any = None
        self._halves: dict[tuple[int, ...], Plane] = {}
        self._scaler = VideoReformatter()

    def shrink(self, frame: Any) -> Any:
        """`frame`, an av.VideoFrame, in the wanted size; valid until the next call."""
        if (frame.width, frame.height) == self._size:
            return frame
        if frame.format.name not in _LAYOUTS or any(p.line_size < 0 for p in frame.planes):
            width, height = self._size
            return self._scaler.reformat(
                frame, width=width, height=height, interpolation="AREA", threads=1
            )
        target = self._target_like(frame)
        for number, source, out in zip(count(), _planes(frame), _planes(target), strict=False):
            self._reduce(number, source, out)
        return target

    def _target_like(self, frame: Any) -> Any:
        if self._target is None or self._target.format.name != frame.format.name:
            self._target = av.VideoFrame(*self._size, frame.format.name)
            self._halves.clear()
        for tag in ("colorspace", "color_range", "color_trc"):
            setattr(self._target, tag, getattr(frame, tag))
        return self._target

    def _reduce(self, number: int, plane: Plane, out: Plane) -> None:
        height, width = out.shape[:2]
        while plane.shape[0] > 2 * height and plane.shape[1] > 2 * width:
            plane = self._half(number, plane)
        # At a ratio of exactly two this is the mean of four.
        cv2.resize(plane, (width, height), dst=out, interpolation=cv2.INTER_LINEAR)

    def _half(self, number: int, plane: Plane) -> Plane:
        rows, columns = plane.shape[0] // 2, plane.shape[1] // 2
        shape = (number, rows, columns, *plane.shape[2:])
        half = self._halves.get(shape)
        if half is None:
            half = self._halves[shape] = np.empty(shape[1:], plane.dtype)
        cv2.resize(plane, (columns, rows), dst=half, interpolation=cv2.INTER_LINEAR)
        return half


def _planes(frame: Any) -> list[Plane]:
    """Views (h, w) or (h, w, 2) of the samples of each plane, without padding."""
    dtype, interleaved = _LAYOUTS[frame.format.name]
    return [
        _samples(plane, dtype, interleaved if number else 1)
        for number, plane in enumerate(frame.planes)
    ]


def _samples(plane: Any, dtype: DTypeLike, channels: int) -> Plane:
    rows = np.frombuffer(plane, dtype).reshape(plane.height, -1)[:, : plane.width * channels]
    return rows.reshape(plane.height, plane.width, channels) if channels > 1 else rows
