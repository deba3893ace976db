"""Can clips be read here at all? One of our own is read; if that fails, no other is to blame."""

from __future__ import annotations

import tempfile
from pathlib import Path

import av
import numpy as np

from posebatch_shared.errors import DecoderUnusable, PosebatchError, SystemFailure
from posebatch_shared.storage import storage_errors
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess

_GREYS = (16, 80, 144, 208)
_SIDE = 64


def prove_reading(decoder: DecoderProcess, folder: Path) -> None:
    """Read a small clip, which passes through `folder`, in the decoding process.

    Errors: DecoderUnusable, with the decoding process's own words; DiskFull and SystemFailure where
    the clip cannot be written.
    """
    with (
        storage_errors(str(folder), SystemFailure),
        tempfile.TemporaryDirectory(prefix="proof-", dir=folder) as name,
    ):
        clip = Path(name) / "greys.mp4"
        _write(clip)
        means = _read(decoder, clip)
    if len(means) != len(_GREYS) or not np.allclose(means, _GREYS, atol=16):
        raise DecoderUnusable(f"a clip of our own came back wrong: greys {means}, not {_GREYS}")


def _read(decoder: DecoderProcess, clip: Path) -> list[float]:
    """The mean of each picture."""
    try:
        with decoder.open(clip, ReadOptions()) as video:
            return [float(frame.pixels.mean()) for frames in video.batches() for frame in frames]
    except PosebatchError as error:
        raise DecoderUnusable(f"not even a clip of our own can be read: {error}") from error


def _write(path: Path) -> None:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=30)  # FFmpeg's own, in every build
        stream.width = stream.height = _SIDE
        for grey in _GREYS:
            picture = np.full((_SIDE, _SIDE, 3), grey, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
