"""Every orientation, codec, container and rhythm comes out upright, in order, in time, complete."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from contract.video_patterns import Pattern, read, regular, write
from contract.video_readers import WAYS, Open, frames, reader
from posebatch_workers.video.reader import ReadOptions

UPRIGHT = (0, 1, 2, 3)
UNEVEN = [0, 0.033, 0.066, 0.1, 0.2, 0.21, 0.25, 0.5, 0.533, 0.9, 0.95, 1.0]
ORIENTATIONS = list(product((0, 90, 180, 270), (False, True)))
CODECS = [
    ("libx264", "yuv420p"),
    ("libx264", "yuv420p10le"),
    ("libx265", "yuv420p"),
    ("libx265", "yuv420p10le"),
    ("libvpx-vp9", "yuv420p"),
    ("mpeg4", "yuv420p"),
]
PER_FRAME = Fraction(1, 30)

CONTAINERS = {
    "plain.mp4": Pattern(times=UNEVEN),
    "plain.mov": Pattern(times=UNEVEN, degrees=90),
    "plain.mkv": Pattern(times=UNEVEN),
    "turned.mkv": Pattern(times=UNEVEN, degrees=270),
    "plain.webm": Pattern(times=UNEVEN, encoder="libvpx-vp9"),
    "mpeg4.avi": Pattern(times=regular(12, 30), encoder="mpeg4", time_base=PER_FRAME),
    "b-frames.avi": Pattern(times=regular(12, 30), time_base=PER_FRAME),
    "transport.ts": Pattern(times=UNEVEN),
    "fragmented.mp4": Pattern(times=UNEVEN, muxer={"movflags": "frag_keyframe+delay_moov"}),
    "faststart.mp4": Pattern(times=UNEVEN, muxer={"movflags": "faststart"}),
    "no-count-no-length.mkv": Pattern(times=UNEVEN, muxer={"live": "1"}),
    "audio-first.mp4": Pattern(times=UNEVEN, before=["audio"], degrees=90),
    "audio-first.mkv": Pattern(times=UNEVEN, before=["audio"]),
    "metadata-first.mp4": Pattern(times=UNEVEN, before=["data"]),
    "metadata-audio-first.mp4": Pattern(times=UNEVEN, before=["data", "audio"]),
    "all-starts-late.mkv": Pattern(times=[t + 0.5 for t in UNEVEN]),
    "starts-an-hour-late.mkv": Pattern(times=[t + 3600 for t in UNEVEN]),
    "video-starts-late.mp4": Pattern(times=[t + 0.5 for t in UNEVEN], after=["audio"]),
    "edit-list-hides-three.mp4": Pattern(times=[t - 0.1 for t in UNEVEN]),
    "edit-list-beside-audio.mp4": Pattern(times=[t - 0.1 for t in UNEVEN], after=["audio"]),
    "odd-size.webm": Pattern(times=UNEVEN, encoder="libvpx-vp9", width=131, height=97),
    "odd-size-turned.mp4": Pattern(
        times=UNEVEN, encoder="mpeg4", width=131, height=97, degrees=90, mirrored=True
    ),
    "odd-size-444.mp4": Pattern(
        times=UNEVEN, pixel_format="yuv444p", width=97, height=131, degrees=270
    ),
    "high-speed.mp4": Pattern(times=regular(48, 240)),
}


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patterns")


def check(path: Path, pattern: Pattern, open_clip: Open) -> None:
    """Upright, in order, shown at the right times to 1 ms, all of them, nothing made up."""
    expected = [(n, t) for n, t in enumerate(pattern.times) if t > -1e-6]
    with open_clip(path, ReadOptions(batch_frames=5)) as video:
        assert (video.probe.width, video.probe.height) == (pattern.width, pattern.height)
        assert video.probe.rotation_degrees == pattern.degrees
        assert video.probe.mirrored == pattern.mirrored
        got = [(*read(f.pixels), f.frame_index, f.pts_seconds) for f in frames(video)]
        assert [g[0] for g in got] == [n for n, _ in expected]
        assert {g[1] for g in got} == {UPRIGHT}
        assert [g[2] for g in got] == list(range(len(expected)))
        np.testing.assert_allclose([g[3] for g in got], [t for _, t in expected], atol=1e-3)
        assert video.info.frames == video.frames_read == len(expected)
        assert video.decode_errors == 0


@pytest.mark.parametrize(("degrees", "mirrored"), ORIENTATIONS)
@pytest.mark.parametrize(("encoder", "pixel_format"), CODECS)
def test_every_orientation_in_every_codec(
    encoder: str,
    pixel_format: str,
    degrees: int,
    mirrored: bool,
    open_clip: Open,
    folder: Path,
) -> None:
    pattern = Pattern(
        times=regular(9, 30),
        encoder=encoder,
        pixel_format=pixel_format,
        degrees=degrees,
        mirrored=mirrored,
    )
    path = folder / f"{encoder}-{pixel_format}-{degrees}-{mirrored}.mp4"
    check(path if path.exists() else write(path, pattern), pattern, open_clip)


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_and_rhythm(name: str, open_clip: Open, folder: Path) -> None:
    path = folder / name
    check(path if path.exists() else write(path, CONTAINERS[name]), CONTAINERS[name], open_clip)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="PyAV's libvpx writes no 10-bit VP9")
def test_ten_bit_vp9(open_clip: Open, tmp_path: Path) -> None:
    pattern = Pattern(times=regular(9, 30), degrees=90, pixel_format="yuv420p10le")
    source, path = write(tmp_path / "source.mp4", pattern), tmp_path / "vp9.mp4"
    encode = ["-c:v", "libvpx-vp9", "-crf", "10", "-deadline", "realtime", "-cpu-used", "8"]
    command = ["ffmpeg", "-v", "error", "-noautorotate", "-i", source, *encode, path]
    subprocess.run(command, check=True)
    check(path, pattern, open_clip)
    with open_clip(path, ReadOptions()) as video:
        assert (video.probe.codec, video.probe.bit_depth) == ("vp9", 10)


@pytest.mark.parametrize(
    ("name", "varies", "counted", "edited"),
    [
        ("high-speed.mp4", False, True, True),
        ("plain.mp4", True, True, True),
        ("plain.mkv", True, False, False),
        ("fragmented.mp4", True, False, True),
        ("mpeg4.avi", False, True, False),
    ],
)
def test_probe_tells_header_from_content(
    name: str, varies: bool, counted: bool, edited: bool, open_clip: Open, folder: Path
) -> None:
    pattern, path = CONTAINERS[name], folder / name
    with open_clip(path if path.exists() else write(path, pattern), ReadOptions()) as video:
        probe = video.probe
    assert probe.variable_frame_rate == varies
    assert probe.frames_from_index == (len(pattern.times) if counted else None)
    assert (probe.frames_from_header is not None) == counted
    assert probe.edit_list == edited
    if not varies:
        rate = 1 / (pattern.times[1] - pattern.times[0])
        assert probe.fps == pytest.approx(rate, rel=0.01)


@pytest.mark.parametrize("name", ["even.mkv", "even.m2ts"])
def test_an_even_rate_is_told_though_pictures_are_stored_out_of_order(
    name: str, open_clip: Open, folder: Path
) -> None:
    pattern = Pattern(times=regular(90, 60))
    with open_clip(write(folder / name, pattern), ReadOptions()) as video:
        assert not video.probe.variable_frame_rate
        assert video.probe.fps == pytest.approx(60, rel=0.002)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="PyAV writes no Theora")
def test_a_picture_that_is_only_shown_again_is_no_damage(open_clip: Open, folder: Path) -> None:
    """An encoder may write empty packets while nothing changes."""
    red, path = "color=red:size=128x96:rate=30:duration=1", folder / "red.ogv"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", red, "-y", path], check=True)

    with open_clip(path, ReadOptions()) as video:
        assert len(list(frames(video))) >= 1
        assert video.decode_errors == 0


def test_a_late_start_is_told(open_clip: Open, folder: Path) -> None:
    path, pattern = folder / "late.mp4", CONTAINERS["video-starts-late.mp4"]
    with open_clip(write(path, pattern), ReadOptions()) as video:
        assert video.probe.start_seconds == pytest.approx(0.5, abs=1e-3)
        assert video.probe.streams == 2
