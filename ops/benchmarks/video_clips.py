"""Clips for the video benchmarks: a hand-held, noisy scene at the bit rates of phones.

Phones keep key frames to two to four times the size of the others (a 4K clip at 66 Mbit/s: 266 KB
beside 150 KB), so the encoder's buffer is kept small.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

#: Name → width, height, bits per second of H.264 as phones record them.
SIZES = {
    "720p": (1280, 720, 8_000_000),
    "1080p": (1920, 1080, 16_000_000),
    "4k": (3840, 2160, 45_000_000),
}
#: Name → encoder, pixel format, and the share of H.264's bits that phones give it.
CODECS = {
    "h264": ("libx264", "yuv420p", 1.0),
    "hevc10": ("libx265", "yuv420p10le", 0.5),
}
FPS = 30
_SHAKE = 24


def clip(folder: Path, size: str, *, seconds: int, degrees: int = 0, codec: str = "h264") -> Path:
    """A clip of that size, rotation and codec in `folder`, written unless it is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{size}-{seconds}s-{degrees}-{codec}-steady.mp4"
    if not path.exists():
        unfinished = path.with_suffix(".part.mp4")
        _write(unfinished, size, seconds, degrees, codec)
        unfinished.replace(path)
    return path


def repeated(source: Path, path: Path, times: int) -> Path:
    """`source` so many times in a row, without encoding anything again."""
    if path.exists():
        return path
    with av.open(str(path), "w") as out:
        stream, offset = None, 0
        for _ in range(times):
            with av.open(str(source)) as container:
                video = container.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                for packet in container.demux(video):
                    if packet.dts is not None:
                        packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                        packet.stream = stream
                        out.mux(packet)
                offset += video.duration
    return path


def _write(path: Path, size: str, seconds: int, degrees: int, codec: str) -> None:
    width, height, h264_bits = SIZES[size]
    encoder, pixel_format, share = CODECS[codec]
    bits = int(h264_bits * share)
    scene, noise = _scene(width, height), _noise(width, height)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=FPS, options=_options(codec, bits))
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.bit_rate = bits
        if degrees:
            stream.set_display_rotation(-degrees)
        for number in range(seconds * FPS):
            frame = av.VideoFrame.from_ndarray(_picture(scene, noise, number), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame.reformat(format=pixel_format)))
        container.mux(stream.encode(None))


def _options(codec: str, bits: int) -> dict[str, str]:
    if codec == "h264":
        rate = {"maxrate": str(bits), "bufsize": str(bits // 10)}
        return {"preset": "veryfast", "bf": "0", "g": str(FPS), **rate}
    rate_kbit = bits // 1000
    rate_control = f"vbv-maxrate={rate_kbit}:vbv-bufsize={rate_kbit}"
    return {
        "preset": "ultrafast",
        "x265-params": f"log-level=none:bframes=0:keyint={FPS}:{rate_control}",
    }


def _scene(width: int, height: int) -> np.ndarray:
    """Texture at several scales, larger than the picture by the shake of a hand."""
    random = np.random.default_rng(7)
    shape = (height + 2 * _SHAKE, width + 2 * _SHAKE)
    scene = np.zeros((*shape, 3), np.float32)
    for cell, strength in ((256, 60), (64, 40), (16, 20), (4, 10)):
        grid = random.normal(0, strength, (shape[0] // cell + 2, shape[1] // cell + 2, 3))
        scene += cv2.resize(grid.astype(np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(scene + 120, 0, 255).astype(np.uint8)


def _noise(width: int, height: int) -> np.ndarray:
    random = np.random.default_rng(8)
    return random.integers(0, 5, (height + 64, width + 64, 3), dtype=np.uint8)


def _picture(scene: np.ndarray, noise: np.ndarray, number: int) -> np.ndarray:
    height, width = noise.shape[0] - 64, noise.shape[1] - 64
    dx = round(_SHAKE + _SHAKE * 0.6 * np.sin(number / 11))
    dy = round(_SHAKE + _SHAKE * 0.6 * np.sin(number / 7))
    grain = noise[(number * 13) % 64 :, (number * 29) % 64 :][:height, :width]
    picture = cv2.add(scene[dy : dy + height, dx : dx + width], grain)
    _draw_jumper(picture, number / FPS)
    return picture


#: Colour, offset from the middle, half width and half height of head, trunk and legs, in units.
_PARTS = (
    ((210, 160, 130), -3.2, (0.7, 0.8)),
    ((40, 70, 160), 0.0, (1.2, 2.4)),
    ((50, 50, 60), 3.0, (0.9, 2.2)),
)


def _draw_jumper(picture: np.ndarray, seconds: float) -> None:
    """A figure of ellipses that hops, as tall as half the picture."""
    height, width = picture.shape[:2]
    unit = height / 16
    x = int(width / 2 + width / 8 * np.sin(seconds))
    y = 9 * unit - abs(np.sin(seconds * 4)) * 2 * unit
    for colour, dy, (half_width, half_height) in _PARTS:
        axes = (int(unit * half_width), int(unit * half_height))
        at = (x, int(y + dy * unit))
        cv2.ellipse(picture, at, axes, 0, 0, 360, colour, cv2.FILLED, cv2.LINE_AA)
