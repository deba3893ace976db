"""Shrinking decoded pictures on their stored planes: by averaging, at a fraction of RGB's cost."""

from __future__ import annotations

from itertools import count
from typing import Any

import cv2
from av.video.reformatter import VideoReformatter

from posebatch_workers.video.planes import Buffers, Plane, Target, has_planes, planes


class Shrinker:
    """Brings the pictures of one clip to one size, in their own pixel format.

    Each plane is halved by averaging while it is more than twice too large, then interpolated:
    every stored sample counts about equally, so fine texture does not alias. It takes about half
    of the time of swscale's area filter, which is left for formats with other layouts.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._target = Target()
        self._out, self._halves = Buffers(), Buffers()
        self._scaler = VideoReformatter()

    def shrink(self, frame: Any) -> Any:
        """`frame`, an av.VideoFrame, in the wanted size; valid until the next call.

        In its own pixel format, but RGB for one with a palette: numbers of colours have no mean.
        """
        if (frame.width, frame.height) == self._size:
            return frame
        width, height = self._size
        if not has_planes(frame):
            own = None if frame.format.name != "pal8" else "rgb24"
            return self._scaler.reformat(
                frame, width=width, height=height, format=own, interpolation="AREA", threads=1
            )
        target = self._target.like(frame, width, height, frame.format.name)
        for number, source, out in zip(count(), planes(frame), planes(target), strict=False):
            self._reduce(number, source, out)
        return target

    def planes(self, frame: Any) -> list[Plane]:
        """Every plane of `frame` in the wanted size; valid until the next call."""
        return [self._wanted(number, plane) for number, plane in enumerate(planes(frame))]

    def _wanted(self, number: int, plane: Plane) -> Plane:
        width, height = self._size
        shape = (height, width, *plane.shape[2:])
        if plane.shape == shape:
            return plane
        out = self._out.array(number, shape, plane.dtype)
        self._reduce(number, plane, out)
        return out

    def _reduce(self, number: int, plane: Plane, out: Plane) -> None:
        height, width = out.shape[:2]
        while plane.shape[0] > 2 * height and plane.shape[1] > 2 * width:
            plane = self._half(number, plane)
        # At a ratio of exactly two this is the mean of four.
        cv2.resize(plane, (width, height), dst=out, interpolation=cv2.INTER_LINEAR)

    def _half(self, number: int, plane: Plane) -> Plane:
        rows, columns = plane.shape[0] // 2, plane.shape[1] // 2
        shape = (rows, columns, *plane.shape[2:])
        half = self._halves.array((number, rows), shape, plane.dtype)
        cv2.resize(plane, (columns, rows), dst=half, interpolation=cv2.INTER_LINEAR)
        return half
