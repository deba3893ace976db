"""Writing a film that phones and browsers play: H.264 through PyAV, or the next best thing."""

from __future__ import annotations

import shutil
import subprocess
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from posebatch_shared.errors import EncoderMissing

Pixels = NDArray[np.uint8]

#: OpenCV's matrix is BT.601's; primaries and transfer are those of BT.709, numbered as in FFmpeg.
_COLOURS = {"colorspace": 6, "color_primaries": 1, "color_trc": 1}
_TIME_BASE = Fraction(1, 90_000)
_PRESET, _QUALITY = "ultrafast", "28"
_QUEUE = 8  #: pictures that wait for the encoder; memory stays constant
#: For builds of PyAV without libx264. Phones do not play the last two.
_FOURCCS = ("avc1", "h264", "vp09", "mp4v")


class Encoder(Protocol):
    """Takes pictures in order; the film is complete once closed."""

    def write(self, picture: Pixels, pts_seconds: float) -> None:
        """Add an RGB picture (height, width, 3); its pixels may be re-used after the call."""

    def close(self) -> None:
        """Wait for what is under way and finish the file."""


def open_encoder(path: Path, width: int, height: int, fps: float) -> Encoder:
    """The best encoder there is, for even sizes. `fps` is the nominal rate.

    Errors: EncoderMissing if none of them starts.
    """
    if "libx264" in av.codecs_available:
        return X264Encoder(path, width, height, fps)
    for fourcc in _FOURCCS:
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), fps, (width, height))
        if writer.isOpened():
            return OpenCvEncoder(path, writer, reencode=fourcc == "mp4v")
    raise EncoderMissing(f"none of libx264, {', '.join(_FOURCCS)} starts")


class X264Encoder:
    """H.264, yuv420p, index in front, true times; encodes in a thread of its own."""

    def __init__(self, path: Path, width: int, height: int, fps: float) -> None:
        self._container = av.open(str(path), "w", options={"movflags": "faststart"})
        options = {"preset": _PRESET, "crf": _QUALITY}
        self._stream = self._container.add_stream("libx264", options=options)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        for tag, number in _COLOURS.items():
            setattr(self._stream.codec_context, tag, number)
        self._stream.codec_context.color_range = ColorRange.MPEG
        self._stream.codec_context.time_base = _TIME_BASE
        self._stream.codec_context.framerate = Fraction(fps).limit_denominator(1001)
        self._interval = max(1, round(1 / fps / _TIME_BASE))
        self._pool = ThreadPoolExecutor(1, "overlay-encode")
        self._pending: deque[Future[None]] = deque()

    def write(self, picture: Pixels, pts_seconds: float) -> None:
        planes = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)  # a fifth of swscale's time
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = round(pts_seconds / _TIME_BASE), _TIME_BASE
        frame.duration = self._interval
        self._pending.append(self._pool.submit(self._encode, frame))
        if len(self._pending) > _QUEUE:
            self._pending.popleft().result()

    def close(self) -> None:
        try:
            while self._pending:
                self._pending.popleft().result()
            self._pool.submit(self._encode, None).result()
        finally:
            self._pool.shutdown()
            self._container.close()

    def _encode(self, frame: Any) -> None:
        self._container.mux(self._stream.encode(frame))


class OpenCvEncoder:
    """Whatever OpenCV's writer has; constant frame rate. MPEG-4 is made H.264 by ffmpeg after."""

    def __init__(self, path: Path, writer: cv2.VideoWriter, *, reencode: bool) -> None:
        self._path, self._writer, self._reencode = path, writer, reencode

    def write(self, picture: Pixels, pts_seconds: float) -> None:
        self._writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))

    def close(self) -> None:
        self._writer.release()
        if self._reencode and shutil.which("ffmpeg"):
            _reencode(self._path)


def _reencode(path: Path) -> None:
    """Replace an MPEG-4 film by H.264; it stays as it is if ffmpeg cannot."""
    better = path.with_suffix(".h264.mp4")
    h264 = ["-c:v", "libx264", "-preset", _PRESET, "-crf", _QUALITY, "-pix_fmt", "yuv420p"]
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(path), *h264]
    command += ["-movflags", "+faststart", str(better)]
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0:
        better.replace(path)
    else:
        better.unlink(missing_ok=True)
