"""How does a spec become a video file, and the truth about it?"""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from posebatch_workers.athlete.clock import shown_rate
from posebatch_workers.athlete.shoot import Shoot
from posebatch_workers.athlete.spec import ClipSpec
from posebatch_workers.athlete.truth import JumpTruth, Truth

__all__ = ["ClipSpec", "JumpTruth", "Shoot", "Truth", "draw_clip"]

#: Encoder, pixel format and options of each codec.
_ENCODERS = {
    "h264": ("libx264", "yuv420p", {"preset": "veryfast"}),
    "hevc10": ("libx265", "yuv420p10le", {"preset": "ultrafast", "x265-params": "log-level=error"}),
    "vp9": ("libvpx-vp9", "yuv420p", {"deadline": "realtime", "cpu-used": "8", "b": "0"}),
    "mpeg4": ("mpeg4", "yuv420p", {}),
}
_FORMATS = {"mkv": "matroska"}


def draw_clip(spec: ClipSpec, path: Path) -> Truth:
    """Draw the clip into a video file and return the truth about it.

    The container is the one of the spec, whatever the path's suffix.
    """
    shoot = Shoot.of(spec)
    with av.open(str(path), "w", format=_FORMATS.get(spec.container, spec.container)) as file:
        stream = _stream(file, spec, shoot)
        for tick, picture in zip(shoot.clock.ticks, shoot.frames(), strict=True):
            stored = np.rot90(picture, spec.rotation_degrees // 90)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(stored), format="rgb24")
            frame.pts, frame.time_base = int(tick), shoot.clock.time_base
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return shoot.truth()


def _stream(
    file: av.container.OutputContainer, spec: ClipSpec, shoot: Shoot
) -> av.video.stream.VideoStream:
    encoder, pixels, options = _ENCODERS[spec.codec]
    stream = file.add_stream(encoder, rate=shown_rate(spec))
    turned = spec.rotation_degrees in (90, 270)
    stream.width, stream.height = (spec.height, spec.width) if turned else (spec.width, spec.height)
    stream.pix_fmt, stream.options = pixels, options | _quality(spec)
    stream.codec_context.time_base = shoot.clock.time_base
    if spec.codec == "hevc10" and spec.container in ("mp4", "mov"):
        stream.codec_context.codec_tag = "hvc1"  # the tag that Apple's players want
    if spec.rotation_degrees:
        stream.set_display_rotation(-spec.rotation_degrees)
    return stream


def _quality(spec: ClipSpec) -> dict[str, str]:
    if spec.codec != "mpeg4":
        return {"crf": str(spec.crf)}
    step = str(max(1, min(31, spec.crf // 5)))  # MPEG-4 counts quantiser steps from 1 to 31
    return {"qmin": step, "qmax": step}
