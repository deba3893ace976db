"""Writing a film that phones and browsers play: H.264 through PyAV, or the next best thing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.codec.context import Flags
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from posebatch_shared.errors import EncoderMissing
from posebatch_workers.overlay.canvas import Canvas
from posebatch_workers.overlay.film import Form

#: OpenCV's matrix is BT.601's; primaries and transfer are those of BT.709, numbered as in FFmpeg.
_COLOURS = {"colorspace": 6, "color_primaries": 1, "color_trc": 1}
_TIME_BASE = Fraction(1, 90_000)
#: Of a film, encoded side by side.
MOST_PARTS = 4
#: A fixed quantiser spares x264 the look at every picture that rate control needs.
_PRESET, _QUANTISER = "ultrafast", "28"
#: For builds of PyAV without libx264. Phones do not play the last two.
_FOURCCS = ("avc1", "h264", "vp09", "mp4v")


#: Pictures with their times, each valid until the next one is asked for.
Pictures = Iterable[tuple[Canvas, float]]


def film_threads() -> ThreadPoolExecutor:
    """Threads for `write_film`, to be kept from film to film: OpenCV loads its letters anew in each
    new thread, which takes as long as forty pictures."""
    return ThreadPoolExecutor(MOST_PARTS - 1, "overlay-encode")


def write_film(
    path: Path, form: Form, parts: Sequence[Pictures], threads: ThreadPoolExecutor
) -> None:
    """Encode the parts side by side, the first in this thread, to one film at `path`.

    Errors: those of the parts, EncoderMissing if there is no encoder, OSError.
    """
    if "libx264" in av.codecs_available:
        _write_h264(path, form, parts, threads)
    else:
        _write_with_opencv(path, form, chain.from_iterable(parts))


def _write_h264(
    path: Path, form: Form, parts: Sequence[Pictures], threads: ThreadPoolExecutor
) -> None:
    """H.264, yuv420p, index in front, true times. Each part begins with a key frame.

    The packets of later parts wait in memory: a hundredth of their pictures' size.
    """
    later = [threads.submit(_encoded, form, part) for part in parts[1:]]
    try:
        with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
            stream = container.add_stream("libx264")
            first = _packets(_prepared(stream.codec_context, form), form, parts[0])
            for packet in chain(first, chain.from_iterable(part.result() for part in later)):
                packet.stream = stream
                container.mux(packet)
    finally:
        wait(later)  # also after an error: their pictures are about to go


def _encoded(form: Form, part: Pictures) -> list[Any]:
    context: Any = av.CodecContext.create("libx264", "w")
    context.flags |= int(Flags.global_header)  # as in the context of the film's stream
    return list(_packets(_prepared(context, form), form, part))


def _prepared(context: Any, form: Form) -> Any:
    context.options = {"preset": _PRESET, "qp": _QUANTISER}
    context.width, context.height, context.pix_fmt = form.width, form.height, "nv12"
    for tag, number in _COLOURS.items():
        setattr(context, tag, number)
    context.color_range = ColorRange.MPEG
    context.time_base = _TIME_BASE
    context.framerate = Fraction(form.fps).limit_denominator(1001)
    context.thread_count = 1  # the parts are what runs side by side
    return context


def _packets(context: Any, form: Form, part: Pictures) -> Iterator[Any]:
    interval = max(1, round(1 / form.fps / _TIME_BASE))
    for canvas, pts_seconds in part:
        frame = canvas.frame
        frame.pts, frame.time_base = round(pts_seconds / _TIME_BASE), _TIME_BASE
        frame.duration = interval
        yield from context.encode(frame)  # takes a copy
    yield from context.encode(None)


def _write_with_opencv(path: Path, form: Form, pictures: Pictures) -> None:
    """Whatever OpenCV's writer has. MPEG-4 is made H.264 by ffmpeg after."""
    fourcc, writer = _opencv_writer(path, form)
    try:
        for image in _evenly(pictures, form.fps):
            writer.write(image)
    finally:
        writer.release()
    if fourcc == "mp4v" and shutil.which("ffmpeg"):
        _reencode(path)


def _evenly(pictures: Pictures, fps: float) -> Iterator[NDArray[np.uint8]]:
    """Each picture as often as a constant frame rate needs it to last until the next one."""
    image, written, begin_seconds = None, 0, 0.0
    for canvas, pts_seconds in pictures:
        if image is None:
            begin_seconds = pts_seconds
        while image is not None and written < round((pts_seconds - begin_seconds) * fps):
            yield image
            written += 1
        image = canvas.bgr()
    if image is not None:
        yield image


def _opencv_writer(path: Path, form: Form) -> tuple[str, cv2.VideoWriter]:
    size = (form.width, form.height)
    for fourcc in _FOURCCS:
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), form.fps, size)
        if writer.isOpened():
            return fourcc, writer
    raise EncoderMissing(f"none of libx264, {', '.join(_FOURCCS)} starts")


def _reencode(path: Path) -> None:
    """Replace an MPEG-4 film by H.264; it stays as it is if ffmpeg cannot."""
    better = path.with_suffix(".h264.mp4")
    h264 = ["-c:v", "libx264", "-preset", _PRESET, "-qp", _QUANTISER, "-pix_fmt", "yuv420p"]
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(path), *h264]
    command += ["-movflags", "+faststart", str(better)]
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0:
        better.replace(path)
    else:
        better.unlink(missing_ok=True)
