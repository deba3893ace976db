"""Short real clips of distinct contents, in numbers."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np

from posebatch_shared.jobs import VideoRef

FRAMES, HEIGHT, WIDTH, RATE = 24, 120, 160, 30


def encode(path: Path, *, width: int = WIDTH, frames: int = FRAMES, rate: int = RATE) -> bytes:
    """An H.264 clip of drifting noise; returns its bytes."""
    random = np.random.default_rng(width)
    picture = random.integers(0, 255, (HEIGHT, width, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, HEIGHT, "yuv420p"
        for shift in range(frames):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, 4 * shift, axis=1), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


def write_clips(
    folder: Path, number: int, *, name: str = "clip", first: int = 0, **picture: int
) -> list[Path]:
    """`number` files with the same pictures and different bytes: a box that players skip, last.

    Clips of the same pictures (see `encode`) and number have the same bytes, whatever their name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = encode(folder / f".{name}.mp4", **picture)
    (folder / f".{name}.mp4").unlink()
    paths = [folder / f"{name}-{index:05d}.mp4" for index in range(first, first + number)]
    for index, path in enumerate(paths, first):
        path.write_bytes(base + struct.pack(">I4sQ", 16, b"free", index))
    return paths


def reference(path: Path, root: Path) -> VideoRef:
    """A clip as the producer would submit it."""
    facts = path.stat()
    return VideoRef(
        root="clips",
        path=path.relative_to(root).as_posix(),
        size_bytes=facts.st_size,
        mtime_ns=facts.st_mtime_ns,
    )
