"""Shrinking decoded pictures on their stored planes: by averaging, at a fraction of RGB's cost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Planes that can be shrunk as they lie: what a sample is, and what it becomes."""

    sample: DTypeLike = np.uint8
    interleaved: int = 1  #: samples side by side in each plane after the first
    narrowing: float = 1.0  #: from a stored sample to 8 bits
    target: str  #: the pixel format with samples of 8 bits


def _layouts() -> dict[str, _Layout]:
    layouts = {
        "nv12": _Layout(interleaved=2, target="nv12"),
        "p010le": _Layout(sample=np.uint16, interleaved=2, narrowing=2**-8, target="nv12"),
    }
    for chroma in ("420", "422", "444"):
        plain = f"yuv{chroma}p"
        layouts |= {name: _Layout(target=name) for name in (plain, f"yuvj{chroma}p")}
        for bits in (10, 12):
            layouts[f"{plain}{bits}le"] = _Layout(
                sample=np.uint16, narrowing=2.0 ** (8 - bits), target=plain
            )
    return layouts


_LAYOUTS = _layouts()

Plane = NDArray[Any]


class Shrinker:
    """Brings the pictures of one clip to one size, and samples of more than 8 bits to 8.

    Each plane is halved by averaging while it is more than twice too large, then interpolated:
    every stored sample counts about equally, so fine texture does not alias. It takes about half
    of the time of swscale's area filter, which is left for formats with other layouts; and
    swscale turns 8 bits into RGB five times as fast as 10.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._target: Any = None
        self._scratch: dict[tuple[int, ...], Plane] = {}
        self._scaler = VideoReformatter()

    def shrink(self, frame: Any) -> Any:
        """`frame`, an av.VideoFrame, in the wanted size; valid until the next call."""
        layout = _LAYOUTS.get(frame.format.name)
        if layout is None or any(plane.line_size < 0 for plane in frame.planes):
            return self._scaled(frame)
        if (frame.width, frame.height) == self._size and layout.target == frame.format.name:
            return frame
        target = self._target_like(frame, layout.target)
        stored, wanted = _planes(frame, layout), _planes(target, _LAYOUTS[layout.target])
        for number, source, out in zip(count(), stored, wanted, strict=False):
            self._reduce(number, source, out, layout.narrowing)
        return target

    def _scaled(self, frame: Any) -> Any:
        width, height = self._size
        if (frame.width, frame.height) == self._size:
            return frame
        return self._scaler.reformat(
            frame, width=width, height=height, interpolation="AREA", threads=1
        )

    def _target_like(self, frame: Any, pixel_format: str) -> Any:
        if self._target is None or self._target.format.name != pixel_format:
            self._target = av.VideoFrame(*self._size, pixel_format)
            self._scratch.clear()
        for tag in ("colorspace", "color_range", "color_trc"):
            setattr(self._target, tag, getattr(frame, tag))
        return self._target

    def _reduce(self, number: int, plane: Plane, out: Plane, narrowing: float) -> None:
        height, width = out.shape[:2]
        while plane.shape[0] > 2 * height and plane.shape[1] > 2 * width:
            plane = self._resized(number, plane, plane.shape[0] // 2, plane.shape[1] // 2)
        if narrowing == 1:
            # At a ratio of exactly two this is the mean of four.
            cv2.resize(plane, (width, height), dst=out, interpolation=cv2.INTER_LINEAR)
            return
        if plane.shape[:2] != (height, width):
            plane = self._resized(number, plane, height, width)
        cv2.convertScaleAbs(plane, dst=out, alpha=narrowing)

    def _resized(self, number: int, plane: Plane, rows: int, columns: int) -> Plane:
        shape = (number, rows, columns, *plane.shape[2:])
        smaller = self._scratch.get(shape)
        if smaller is None:
            smaller = self._scratch[shape] = np.empty(shape[1:], plane.dtype)
        cv2.resize(plane, (columns, rows), dst=smaller, interpolation=cv2.INTER_LINEAR)
        return smaller


def _planes(frame: Any, layout: _Layout) -> list[Plane]:
    """Views (h, w) or (h, w, 2) of the samples of each plane, without padding."""
    return [
        _samples(plane, layout.sample, layout.interleaved if number else 1)
        for number, plane in enumerate(frame.planes)
    ]


def _samples(plane: Any, dtype: DTypeLike, channels: int) -> Plane:
    rows = np.frombuffer(plane, dtype).reshape(plane.height, -1)[:, : plane.width * channels]
    return rows.reshape(plane.height, plane.width, channels) if channels > 1 else rows
