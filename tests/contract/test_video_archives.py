"""What lies in archives of twenty years: camcorders, discs, recordings put together, exports."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from contract.video_patterns import Pattern, read, regular, write
from contract.video_readers import WAYS, Open, frames, reader
from posebatch_workers.video.reader import ReadOptions

PER_FRAME = Fraction(1, 30)


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "encoder"),
    [("clip.mts", "libx264"), ("clip.mp4", "libx264"), ("clip.mpg", "mpeg2video")],
)
def test_pixels_that_are_not_square(
    name: str, encoder: str, open_clip: Open, tmp_path: Path
) -> None:
    """Of AVCHD and HDV only the pictures themselves tell that 1440 columns are 1920 wide."""
    pattern = Pattern(
        times=regular(6, 30),
        encoder=encoder,
        time_base=PER_FRAME,
        width=144,
        height=108,
        pixel_aspect=Fraction(4, 3),
    )
    with open_clip(write(tmp_path / name, pattern), ReadOptions()) as video:
        assert video.probe.pixel_aspect == pytest.approx(4 / 3)
        assert (video.info.width, video.info.height) == (192, 108)
        assert {frame.pixels.shape for frame in frames(video)} == {(108, 192, 3)}


@pytest.mark.parametrize(
    ("name", "fields", "pattern"),
    [
        (
            "tape.dv",
            2,  # tapes are always marked as interlaced
            Pattern(
                times=regular(10, 25),
                encoder="dvvideo",
                time_base=Fraction(1, 25),
                rate=Fraction(25),
                width=720,
                height=576,
                pixel_aspect=Fraction(16, 15),
            ),
        ),
        (
            "studio.mxf",
            1,
            Pattern(times=regular(10, 30), encoder="mpeg2video", time_base=PER_FRAME),
        ),
    ],
)
def test_tapes_and_studio_cameras(
    name: str, fields: int, pattern: Pattern, open_clip: Open, tmp_path: Path
) -> None:
    with open_clip(write(tmp_path / name, pattern), ReadOptions()) as video:
        got = [(read(frame.pixels)[0], frame.pts_seconds) for frame in frames(video)]
    assert [number for number, _ in got] == [n // fields for n in range(10 * fields)]
    seconds = regular(10 * fields, fields * float(pattern.rate))
    np.testing.assert_allclose([pts for _, pts in got], seconds, atol=1e-3)
    assert video.probe.pixel_aspect == pytest.approx(float(pattern.pixel_aspect), rel=1e-3)
    assert video.probe.fps_from_header == pytest.approx(pattern.rate)
    assert video.probe.fps == pytest.approx(fields * pattern.rate)


@pytest.mark.parametrize("suffix", [".ts", ".mpg"])
@pytest.mark.parametrize("second_start", [0.0, 400.0])
@pytest.mark.parametrize("first_start", [0.0, 200.0])
def test_recordings_put_together_lose_no_frame(
    suffix: str, first_start: float, second_start: float, open_clip: Open, tmp_path: Path
) -> None:
    """Timestamps begin anew, or leap, in the middle: a player goes on."""
    path = tmp_path / f"both{suffix}"
    with path.open("wb") as both:
        for start, count in ((first_start, 40), (second_start, 50)):
            times = regular(count, 30, start)
            pattern = Pattern(times=times, encoder="mpeg2video", time_base=PER_FRAME)
            both.write(write(tmp_path / f"one{suffix}", pattern).read_bytes())

    with open_clip(path, ReadOptions()) as video:
        got = [(read(frame.pixels)[0], frame.pts_seconds) for frame in frames(video)]

    assert [number for number, _ in got] == [*range(40), *range(50)]
    np.testing.assert_allclose(np.diff([seconds for _, seconds in got]), 1 / 30, atol=2e-3)
    assert video.info.frames == 90
    assert video.info.duration_seconds == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize(("name", "encoder"), [("late.wmv", "wmv2"), ("late.flv", "flv")])
@pytest.mark.parametrize("before", [[], ["audio"]])
def test_a_length_that_counts_from_zero_is_no_cut(
    name: str, encoder: str, before: list[str], open_clip: Open, tmp_path: Path
) -> None:
    pattern = Pattern(times=regular(30, 30, 5.0), encoder=encoder, before=before)
    with open_clip(write(tmp_path / name, pattern), ReadOptions()) as video:
        assert video.info.duration_seconds == pytest.approx(1, abs=0.1)
        assert len(list(frames(video))) == 30
