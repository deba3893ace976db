"""The samples of decoded pictures as arrays, plane by plane."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import av
import numpy as np
from numpy.typing import DTypeLike, NDArray

_PLANAR = [f"yuv{chroma}p" for chroma in (420, 422, 444)]
#: Type of a sample, and how many of them interleave in each plane after the first.
_LAYOUTS: dict[str, tuple[DTypeLike, int]] = {
    **dict.fromkeys((*_PLANAR, "yuvj420p", "yuvj422p", "yuvj444p"), (np.uint8, 1)),
    **{f"{name}{bits}le": (np.uint16, 1) for name in _PLANAR for bits in (10, 12)},
    "nv12": (np.uint8, 2),
    "p010le": (np.uint16, 2),
}

Plane = NDArray[Any]


def has_planes(frame: Any) -> bool:
    """Whether `planes` can show the samples of an av.VideoFrame."""
    return frame.format.name in _LAYOUTS and all(plane.line_size > 0 for plane in frame.planes)


def planes(frame: Any) -> list[Plane]:
    """Views (h, w) or (h, w, 2) of the samples of each plane, without padding."""
    dtype, interleaved = _LAYOUTS[frame.format.name]
    return [
        _samples(plane, dtype, interleaved if number else 1)
        for number, plane in enumerate(frame.planes)
    ]


def _samples(plane: Any, dtype: DTypeLike, channels: int) -> Plane:
    rows = np.frombuffer(plane, dtype).reshape(plane.height, -1)[:, : plane.width * channels]
    return rows.reshape(plane.height, plane.width, channels) if channels > 1 else rows


class Buffers:
    """Arrays that are written again and again."""

    def __init__(self) -> None:
        self._arrays: dict[Hashable, Plane] = {}

    def array(self, key: Hashable, shape: tuple[int, ...], dtype: DTypeLike) -> Plane:
        """The same array for a key as before, as long as its form is."""
        array = self._arrays.get(key)
        if array is None or (array.shape, array.dtype) != (shape, dtype):
            array = self._arrays[key] = np.empty(shape, dtype)
        return array


class Target:
    """A picture that is written again and again, tagged like the one it is made from."""

    def __init__(self) -> None:
        self._frame: Any = None

    def like(self, source: Any, width: int, height: int, pixel_format: str) -> Any:
        """The av.VideoFrame to write to; the same one as before as long as its form is."""
        frame, form = self._frame, (width, height, pixel_format)
        if frame is None or (frame.width, frame.height, frame.format.name) != form:
            frame = self._frame = av.VideoFrame(*form)
        for tag in ("colorspace", "color_range", "color_trc"):
            setattr(frame, tag, getattr(source, tag))
        return frame
