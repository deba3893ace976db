"""Test patterns: numbered, colour-coded clips in any orientation, codec, container and rhythm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

#: Fine enough for any rhythm here, coarse enough for MPEG-4's 16 bits.
TIME_BASE = Fraction(1, 30_000)
BITS = 6
#: Top left, top right, bottom left, bottom right: no turn or reflection maps them on themselves.
CORNERS = ((220, 40, 40), (40, 200, 40), (40, 60, 220), (230, 220, 40))
ENCODERS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "veryfast", "qp": "12", "bf": "2", "b_strategy": "0"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:qp=12:pools=1"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "10", "b": "0"},
    "mpeg4": {"qmin": "2", "qmax": "2", "bf": "2"},
    "mpeg2video": {"qmin": "2", "qmax": "2", "bf": "2"},
    "wmv2": {"qmin": "2", "qmax": "2"},
    "flv": {"qmin": "2", "qmax": "2"},
    "dvvideo": {},
}


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One clip to write. `times` are seconds at which its frames are shown, in order."""

    times: Sequence[float]
    width: int = 128
    height: int = 96
    degrees: int = 0
    mirrored: bool = False
    encoder: str = "libx264"
    pixel_format: str = "yuv420p"
    muxer: Mapping[str, str] = field(default_factory=dict)
    container: str | None = None
    before: Sequence[str] = ()  #: streams in front of the video: "audio", "data"
    after: Sequence[str] = ()
    time_base: Fraction = TIME_BASE  #: AVI and MPEG-2 have one tick per frame
    pixel_aspect: Fraction = Fraction(1)
    rate: Fraction = Fraction(30)  #: as declared; DV knows but two

    @property
    def matrix(self) -> list[int]:
        """Display matrix that shows the stored picture upright."""
        cos, sin = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[self.degrees]
        flip = -1 if self.mirrored else 1
        one = 1 << 16
        return [flip * cos * one, sin * one, 0, flip * -sin * one, cos * one, 0, 0, 0, 1 << 30]


def picture(number: int, width: int, height: int) -> Pixels:
    """Upright RGB: coloured corners, and `number` in binary as a row of cells in the middle."""
    image = np.full((height, width, 3), 128, np.uint8)
    for colour, (row, column) in zip(CORNERS, product((0, 1), (0, 1)), strict=True):
        rows = slice(0, height // 3) if row == 0 else slice(height - height // 3, None)
        columns = slice(0, width // 3) if column == 0 else slice(width - width // 3, None)
        image[rows, columns] = colour
    for bit, (rows, columns) in enumerate(_cells(width, height)):
        image[rows, columns] = 235 if number >> bit & 1 else 20
    return image


def read(pixels: Pixels) -> tuple[int, tuple[int, ...]]:
    """The number in a picture, and which corner colour each of its corners is nearest to."""
    height, width = pixels.shape[:2]
    number = sum(
        int(pixels[_inner(rows), _inner(columns)].mean() > 128) << bit
        for bit, (rows, columns) in enumerate(_cells(width, height))
    )
    return number, tuple(_nearest(pixels, row, column) for row, column in product((0, 1), (0, 1)))


def write(path: Path, pattern: Pattern) -> Path:
    """Write the clip and return its path."""
    options = {"avoid_negative_ts": "disabled", **pattern.muxer}
    with av.open(str(path), "w", format=pattern.container, options=options) as container:
        others = [_add(container, kind) for kind in pattern.before]
        video = _add_video(container, pattern)
        others += [_add(container, kind) for kind in pattern.after]
        for number, seconds in enumerate(pattern.times):
            container.mux(video.encode(_frame(pattern, number, seconds)))
            for stream in others:
                container.mux(_filler(stream, seconds))
        for stream in (video, *(s for s in others if s.type == "audio")):
            container.mux(stream.encode(None))
    return path


def regular(frames: int, fps: float, start: float = 0.0) -> list[float]:
    """Times of a constant frame rate."""
    return [start + n / fps for n in range(frames)]


def _cells(width: int, height: int) -> list[tuple[slice, slice]]:
    """Rows and columns of each bit's cell."""
    top, bottom, step = height * 3 // 8, height * 5 // 8, width / BITS
    return [
        (slice(top, bottom), slice(round(bit * step), round((bit + 1) * step)))
        for bit in range(BITS)
    ]


def _inner(part: slice) -> slice:
    quarter = (part.stop - part.start) // 4
    return slice(part.start + quarter, part.stop - quarter)


def _nearest(pixels: Pixels, row: int, column: int) -> int:
    height, width = pixels.shape[:2]
    y, x = (height // 8, height - height // 8)[row], (width // 8, width - width // 8)[column]
    colour = pixels[y - 2 : y + 2, x - 2 : x + 2].reshape(-1, 3).mean(axis=0)
    return int(np.abs(np.asarray(CORNERS) - colour).sum(axis=1).argmin())


def _frame(pattern: Pattern, number: int, seconds: float) -> av.VideoFrame:
    upright = picture(number, pattern.width, pattern.height)
    turned = upright[:, ::-1] if pattern.mirrored else upright
    stored = np.ascontiguousarray(np.rot90(turned, pattern.degrees // 90))
    frame = av.VideoFrame.from_ndarray(stored, format="rgb24")
    frame.pts, frame.time_base = round(seconds / pattern.time_base), pattern.time_base
    return frame


def _add_video(container: Any, pattern: Pattern) -> Any:
    options = dict(ENCODERS[pattern.encoder])
    if pattern.encoder == "libvpx-vp9" and "10" in pattern.pixel_format:
        options["profile"] = "2"
    stream = container.add_stream(pattern.encoder, options=options)
    upright = (pattern.width, pattern.height)
    stream.width, stream.height = upright[::-1] if pattern.degrees % 180 else upright
    stream.pix_fmt = pattern.pixel_format
    stream.codec_context.time_base = pattern.time_base
    stream.codec_context.framerate = pattern.rate
    stream.codec_context.sample_aspect_ratio = pattern.pixel_aspect
    stream.codec_context.thread_count = 1
    if pattern.degrees or pattern.mirrored:
        stream.set_display_matrix(pattern.matrix)
    return stream


def _add(container: Any, kind: str) -> Any:
    if kind == "data":
        return container.add_data_stream("bin_data")
    codec = "libopus" if container.format.name in ("webm", "matroska") else "aac"
    return container.add_stream(codec, rate=48_000, layout="mono")


def _filler(stream: Any, seconds: float) -> list[Any]:
    """A bit of silence, or of meaningless data, at a time."""
    if stream.type == "audio":
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        return list(stream.encode(frame))
    packet = av.Packet(b"\0" * 16)
    packet.stream, packet.time_base = stream, TIME_BASE
    packet.pts = packet.dts = round(seconds / TIME_BASE)
    return [packet]
