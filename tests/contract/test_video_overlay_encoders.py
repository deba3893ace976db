"""The overlay's encoders: H.264 where it is built in, then OpenCV's, in order; disks that fill."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from contract.overlay_scenes import film, overlay, uneven_clip
from posebatch_shared.errors import DiskFull, EncoderMissing
from posebatch_workers.overlay import encoding

#: Pictures of a film of constant rate: 1.05 s at the clip's 20 a second, and the last one.
EVEN = 22


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return uneven_clip(tmp_path_factory.mktemp("overlay"))


class Writer:
    """OpenCV's writer, for builds that have the wanted codec only."""

    has: str = ""
    tried: list[str] = []  # noqa: RUF012

    def __init__(self, path: str, fourcc: int, fps: float, size: tuple[int, int]) -> None:
        self.name = fourcc.to_bytes(4, "little").decode()
        self.tried.append(self.name)
        self.path, self.pictures = Path(path), 0

    @staticmethod
    def fourcc(*letters: str) -> int:
        return int.from_bytes("".join(letters).encode(), "little")

    def isOpened(self) -> bool:  # noqa: N802
        return self.name == self.has

    def write(self, picture: np.ndarray) -> None:
        self.pictures += 1

    def release(self) -> None:
        self.path.write_text(f"{self.name} {self.pictures}")


@pytest.fixture
def without_x264(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(encoding.av, "codecs_available", av.codecs_available - {"libx264"})
    yield


@pytest.mark.parametrize(
    ("has", "tried"),
    [
        ("avc1", ["avc1"]),
        ("h264", ["avc1", "h264"]),
        ("vp09", ["avc1", "h264", "vp09"]),
    ],
)
def test_encoders_are_tried_in_order_and_kept_as_they_are(
    has: str,
    tried: list[str],
    without_x264: None,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Writer, "has", has)
    monkeypatch.setattr(Writer, "tried", [])
    monkeypatch.setattr(encoding.cv2, "VideoWriter", Writer)
    monkeypatch.setattr(encoding.subprocess, "run", None)  # would fail if called
    overlay(clip, tmp_path / "o.mp4", {})
    assert Writer.tried == tried
    assert (tmp_path / "o.mp4").read_text() == f"{has} {EVEN}"


def mpeg4_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV's real writer, of a build that has nothing but MPEG-4."""
    real = cv2.VideoWriter

    class Mpeg4Writer:
        fourcc = real.fourcc

        def __new__(cls, path: str, fourcc: int, *rest: Any) -> Any:
            return real(path, fourcc, *rest) if fourcc == real.fourcc(*"mp4v") else real()

    monkeypatch.setattr(encoding.cv2, "VideoWriter", Mpeg4Writer)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="re-encodes with ffmpeg")
def test_mpeg4_is_made_h264_by_ffmpeg(
    without_x264: None, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mpeg4_only(monkeypatch)
    overlay(clip, tmp_path / "o.mp4", {})
    probe, _, pictures = film(tmp_path / "o.mp4")
    assert (probe.codec, probe.pixel_format) == ("h264", "yuv420p")
    assert len(pictures) == EVEN
    assert [path.name for path in tmp_path.iterdir()] == ["o.mp4"]


def test_mpeg4_stays_where_ffmpeg_is_missing(
    without_x264: None, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mpeg4_only(monkeypatch)
    monkeypatch.setattr(encoding.shutil, "which", lambda _: None)
    overlay(clip, tmp_path / "o.mp4", {})
    probe, _, pictures = film(tmp_path / "o.mp4")
    assert probe.codec == "mpeg4"
    assert len(pictures) == EVEN


def test_no_encoder_at_all_is_an_error(
    without_x264: None, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding.cv2, "VideoWriter", Writer)
    with pytest.raises(EncoderMissing):
        overlay(clip, tmp_path / "o.mp4", {})


def test_a_full_disk_is_named_and_leaves_no_half_film(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encoding, "_packets", full)
    with pytest.raises(DiskFull):
        overlay(clip, tmp_path / "o.mp4", {})
    assert list(tmp_path.iterdir()) == []
