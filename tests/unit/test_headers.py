"""What a header says is what the decoder finds, and nothing in a file upsets the reading of it."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import av
import numpy as np
import pytest

from posebatch_producer.headers import read_header
from posebatch_shared.jobs import VideoHeader


def write(path: Path, *, frames: int = 9, encoder: str = "mpeg4", audio: bool = False) -> Path:
    """A short clip of noise, 64×48, its audio first if there is any."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=8000, layout="mono") if audio else None
        stream = container.add_stream(encoder, rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        if sound is not None:
            silence = np.zeros((1, 1024), np.float32)
            quiet = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
            quiet.sample_rate = 8000
            container.mux(sound.encode(quiet))
            container.mux(sound.encode(None))
        for number in range(frames):
            picture = np.full((48, 64, 3), number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.avi"])
@pytest.mark.parametrize("audio", [False, True])
def test_frames_and_size_are_those_of_the_video_track(
    name: str, audio: bool, tmp_path: Path
) -> None:
    found = read_header(write(tmp_path / name, frames=12, audio=audio and name != "a.avi"))
    assert found == VideoHeader(frames=12, pixels=64 * 48)


def test_what_does_not_say_is_none(tmp_path: Path) -> None:
    matroska = write(tmp_path / "a.mkv")
    text = tmp_path / "notes.mp4"
    text.write_text("not a video")
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for path in (matroska, text, empty, tmp_path / "missing.mp4", tmp_path):
        assert read_header(path) is None


def test_a_broken_or_hostile_file_is_only_unknown(tmp_path: Path) -> None:
    """Cut anywhere, bytes changed anywhere: an answer at once, and never an error."""
    whole = write(tmp_path / "a.mp4").read_bytes()
    rng = random.Random(5)
    broken = tmp_path / "broken.mp4"
    for _ in range(400):
        data = bytearray(whole[: rng.randrange(len(whole))] if rng.random() < 0.5 else whole)
        for _ in range(rng.randrange(8)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        broken.write_bytes(bytes(data))
        found = read_header(broken)
        assert found is None or (0 < found.frames <= len(data) and 0 < found.pixels <= 8192**2)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("a.avi", 48, struct.pack("<I", 0xFFFFFFFF)),  # frames
        ("a.avi", 64, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)),  # width, height
        ("a.mp4", b"stsz", struct.pack(">I", 0xFFFFFFFF)),
        ("a.mp4", b"mp4v", struct.pack(">HH", 0xFFFF, 0xFFFF)),
    ],
)
def test_numbers_that_no_file_can_mean_are_not_believed(
    name: str, field: int | bytes, value: bytes, tmp_path: Path
) -> None:
    path = write(tmp_path / name)
    data = bytearray(path.read_bytes())
    behind = {b"stsz": 12, b"mp4v": 28}
    at = field if isinstance(field, int) else data.index(field) + behind[field]
    data[at : at + len(value)] = value
    path.write_bytes(data)

    assert read_header(path) is None


def test_a_thousand_small_boxes_are_not_all_walked(tmp_path: Path) -> None:
    path = tmp_path / "boxes.mp4"
    path.write_bytes(
        struct.pack(">I4s", 8, b"free") * 1000 + write(tmp_path / "a.mp4").read_bytes()
    )
    assert read_header(path) is None
