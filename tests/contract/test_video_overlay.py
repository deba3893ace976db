"""The overlay: sizes, times, what is drawn, every encoder, the spool and its limits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from contract.overlay_scenes import ANALYSIS, standing
from contract.video_patterns import Pattern, write
from contract.video_readers import frames
from posebatch_shared.errors import DiskFull, EncoderMissing
from posebatch_workers.overlay import encoding
from posebatch_workers.overlay.captions import Captions
from posebatch_workers.overlay.spool import Spool
from posebatch_workers.overlay.write import write_overlay
from posebatch_workers.timing import StageTimer
from posebatch_workers.video.reader import ReadOptions, open_video

UNEVEN = [0.0, 0.03, 0.07, 0.1, 0.2, 0.25, 0.4, 0.5, 0.7, 0.9, 1.0, 1.05]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("overlay") / "clip.mp4"
    return write(path, Pattern(times=UNEVEN, width=542, height=962, degrees=90))


def film(path: Path) -> tuple[Any, list[float], list[np.ndarray]]:
    """Probe, times and pictures of a film."""
    with open_video(path, ReadOptions(max_error_share=1.0)) as video:
        shown = [(f.pts_seconds, f.pixels.copy()) for f in frames(video)]
    return video.probe, [t for t, _ in shown], [p for _, p in shown]


def overlay(clip: Path, out: Path, analysis: dict[str, Any]) -> StageTimer:
    timer = StageTimer()
    write_overlay(partial(open_video, clip), standing(UNEVEN, 542, 962), analysis, out, timer)
    return timer


def test_what_phones_and_browsers_play(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "overlay.mp4"
    overlay(clip, out, ANALYSIS)
    probe, times, pictures = film(out)
    assert (probe.codec, probe.pixel_format) == ("h264", "yuv420p")
    assert (probe.width, probe.height, probe.rotation_degrees) == (406, 720, 0)
    assert len(pictures) == len(UNEVEN)
    np.testing.assert_allclose(times, UNEVEN, atol=1e-3)
    head = out.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


@pytest.mark.parametrize("analysis", [{}, {"jumps": None}, {"jumps": [{}], "phases": [{}]}])
def test_tracks_alone_are_enough(analysis: dict[str, Any], clip: Path, tmp_path: Path) -> None:
    overlay(clip, tmp_path / "overlay.mp4", analysis)
    _, _, pictures = film(tmp_path / "overlay.mp4")
    plain = _plain(clip)
    assert all(_changed(a, b).any() for a, b in zip(plain, pictures, strict=True))


def test_bones_box_and_texts_are_where_they_belong(clip: Path, tmp_path: Path) -> None:
    overlay(clip, tmp_path / "overlay.mp4", ANALYSIS)
    _, _, pictures = film(tmp_path / "overlay.mp4")
    changed = _changed(_plain(clip)[0], pictures[0])
    assert changed[216:504, 150:260].any()  # skeleton and box
    assert changed[:60, :150].any()  # texts
    assert changed[712:].any()  # timeline
    assert not changed[60:160].any()  # nothing between texts and athlete


def _plain(clip: Path) -> list[np.ndarray]:
    with open_video(clip, ReadOptions()) as video:
        return [
            cv2.resize(f.pixels, (406, 720), interpolation=cv2.INTER_LINEAR) for f in frames(video)
        ]


def _changed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(int) - b).max(axis=2) > 70


def test_stages_are_booked_under_overlay(clip: Path, tmp_path: Path) -> None:
    rows = {row.stage: row for row in overlay(clip, tmp_path / "o.mp4", {}).timings()}
    assert rows["overlay"].parent == "job"
    assert rows["overlay_draw"].parent == rows["overlay_encode"].parent == "overlay"
    assert rows["overlay_draw"].calls == len(UNEVEN)
    children = rows["overlay_draw"].seconds + rows["overlay_encode"].seconds
    assert children <= rows["overlay"].seconds


def test_captions_of_a_jump() -> None:
    captions = Captions.read(ANALYSIS)
    assert captions.lines(0.2) == ["0.200 s", "cmj"]
    assert captions.lines(0.6) == ["0.600 s", "cmj", "flight"]
    assert captions.lines(1.2) == ["1.200 s", "cmj", "30.6 cm, 500 ms in the air"]
    assert captions.happening(0.49) is None
    assert captions.happening(0.5) == "take-off"
    assert captions.happening(1.05) == "landing"


def test_a_gap_in_the_track_draws_nobody(clip: Path, tmp_path: Path) -> None:
    sequence = standing(UNEVEN, 542, 962)
    keypoints = sequence.keypoints.copy()
    keypoints[5:] = np.nan
    unseen = replace(sequence, keypoints=keypoints)
    write_overlay(partial(open_video, clip), unseen, {}, tmp_path / "o.mp4", StageTimer())
    _, _, pictures = film(tmp_path / "o.mp4")
    athlete = np.s_[216:504, 150:260]
    plain = _plain(clip)
    assert _changed(plain[0], pictures[0])[athlete].any()
    assert not _changed(plain[8], pictures[8])[athlete].any()


# --- the spool -----------------------------------------------------------------------------------


def recorded(clip: Path, spool: Spool) -> list[int]:
    with open_video(clip, ReadOptions(max_side=720, batch_frames=5)) as video:
        pictures = spool.recording(video)
        assert pictures.info == video.info
        return [frame.frame_index for batch in pictures.batches() for frame in batch]


def test_a_spool_gives_what_a_second_decode_gives(clip: Path, tmp_path: Path) -> None:
    never: Any = None
    with Spool(tmp_path) as spool:
        assert recorded(clip, spool) == list(range(len(UNEVEN)))
        sequence = standing(UNEVEN, 542, 962)
        write_overlay(spool.opener(never), sequence, ANALYSIS, tmp_path / "a.mp4", StageTimer())
        overlay(clip, tmp_path / "b.mp4", ANALYSIS)
    (_, times_a, a), (_, times_b, b) = film(tmp_path / "a.mp4"), film(tmp_path / "b.mp4")
    assert times_a == times_b
    assert all(np.abs(x.astype(int) - y).mean() < 4 for x, y in zip(a, b, strict=True))


def test_a_full_spool_names_the_other_way(clip: Path, tmp_path: Path) -> None:
    other = partial(open_video, clip)
    with Spool(tmp_path, most_bytes=406 * 720 * 3 // 2 * 7) as spool:
        assert recorded(clip, spool) == list(range(len(UNEVEN)))
        assert spool.opener(other) is other
    with Spool(tmp_path) as spool:
        assert spool.opener(other) is other  # nothing recorded yet


def test_a_clip_that_was_left_early_is_not_taken_for_whole(clip: Path, tmp_path: Path) -> None:
    other = partial(open_video, clip)
    with Spool(tmp_path) as spool, open_video(clip, ReadOptions(batch_frames=5)) as video:
        next(iter(spool.recording(video).batches()))
        assert spool.opener(other) is other


def test_a_spool_leaves_nothing_behind(clip: Path, tmp_path: Path) -> None:
    with Spool(tmp_path / "new") as spool:
        recorded(clip, spool)
    assert list((tmp_path / "new").iterdir()) == []


# --- encoders ------------------------------------------------------------------------------------


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
    assert (tmp_path / "o.mp4").read_text() == f"{has} {len(UNEVEN)}"


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
    assert len(pictures) == len(UNEVEN)
    assert [path.name for path in tmp_path.iterdir()] == ["o.mp4"]


def test_mpeg4_stays_where_ffmpeg_is_missing(
    without_x264: None, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mpeg4_only(monkeypatch)
    monkeypatch.setattr(encoding.shutil, "which", lambda _: None)
    overlay(clip, tmp_path / "o.mp4", {})
    probe, _, pictures = film(tmp_path / "o.mp4")
    assert probe.codec == "mpeg4"
    assert len(pictures) == len(UNEVEN)


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

    monkeypatch.setattr(encoding.X264Encoder, "_encode", full)
    with pytest.raises(DiskFull):
        overlay(clip, tmp_path / "o.mp4", {})
    assert list(tmp_path.iterdir()) == []
