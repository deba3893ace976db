"""Camcorders, tapes and discs: fifty half pictures a second in twenty-five frames."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from contract.video_readers import WAYS, Open, frames, reader
from posebatch_workers.video.reader import ReadOptions

RATE, COUNT, WIDTH, HEIGHT = 25, 30, 720, 576
BAR_PX, SPEED_PX_S = 40, 300.0
FORMS = [
    pytest.param("clip.mp4", "libx264", {"x264-params": "tff=1"}, "tff", id="AVCHD, top first"),
    pytest.param("clip.mkv", "libx264", {"x264-params": "bff=1"}, "bff", id="bottom first"),
    pytest.param("clip.ts", "mpeg2video", {"flags": "+ildct+ilme"}, "tff", id="HDV"),
    pytest.param("clip.mpg", "mpeg2video", {"flags": "+ildct+ilme"}, "tff", id="disc"),
    pytest.param("clip.avi", "mpeg2video", {"flags": "+ildct+ilme"}, "bff", id="AVI"),
    pytest.param("clip.dv", "dvvideo", {}, "bff", id="tape"),
]


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


def left_edge(seconds: float) -> float:
    """Where the bar is, pixels from the left."""
    return 40 + SPEED_PX_S * seconds


def drawn(seconds: float) -> Any:
    """(HEIGHT, WIDTH) of one instant."""
    picture = np.full((HEIGHT, WIDTH), 40, np.uint8)
    left = round(left_edge(seconds))
    picture[100:400, left : left + BAR_PX] = 220
    return picture


def woven(number: int, order: str) -> Any:
    """Two instants in the lines of one frame."""
    early, late = (drawn((number + share) / RATE) for share in (0, 0.5))
    top, bottom = (early, late) if order == "tff" else (late, early)
    picture = np.empty_like(top)
    picture[0::2], picture[1::2] = top[0::2], bottom[1::2]
    return picture


def film(path: Path, encoder: str, options: dict[str, str], order: str) -> Path:
    """COUNT frames of a bar that runs to the right."""
    pixel_format = "yuv420p"
    flagged = av.filter.Graph()
    source = flagged.add_buffer(
        width=WIDTH, height=HEIGHT, format=pixel_format, time_base=Fraction(1, RATE)
    )
    flagged.link_nodes(source, flagged.add("setfield", order), flagged.add("buffersink"))
    flagged.configure()
    with av.open(path, "w") as container:
        stream = container.add_stream(encoder, rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixel_format  # type: ignore[attr-defined]
        for number in range(COUNT):
            frame = av.VideoFrame.from_ndarray(woven(number, order), format="gray")
            frame = frame.reformat(format=pixel_format)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            flagged.push(frame)
            container.mux(stream.encode(flagged.pull()))  # type: ignore[attr-defined]
        container.mux(stream.encode(None))  # type: ignore[attr-defined]
    return path


def bar(pixels: Any) -> tuple[float, float]:
    """Where the bar begins in the stored picture, and how wide it is: combed, it is wider."""
    rows = pixels[110:390, :, 0].astype(float)
    bright = np.flatnonzero((rows > 130).any(axis=0)) * WIDTH / pixels.shape[1]
    return float(bright[0]), float(bright[-1] - bright[0] + 1)


@pytest.mark.parametrize(("name", "encoder", "options", "order"), FORMS)
def test_every_half_picture_comes_whole_and_at_its_time(
    name: str, encoder: str, options: dict[str, str], order: str, open_clip: Open, tmp_path: Path
) -> None:
    path = film(tmp_path / name, encoder, options, order)
    with open_clip(path, ReadOptions()) as video:
        assert video.probe.interlaced
        assert video.probe.fps == pytest.approx(2 * RATE, rel=1e-3)
        got = [(f.frame_index, f.pts_seconds, *bar(f.pixels)) for f in frames(video)]
        assert video.info.frames == 2 * COUNT
        assert video.info.fps == pytest.approx(2 * RATE, rel=1e-3)
        assert video.info.duration_seconds == pytest.approx(COUNT / RATE, abs=0.021)
    index, seconds, left, width = np.array(got).T
    assert index.tolist() == list(range(2 * COUNT))
    np.testing.assert_allclose(seconds - seconds[0], np.arange(2 * COUNT) / RATE / 2, atol=1e-3)
    np.testing.assert_allclose(left, left_edge(seconds - seconds[0]), atol=2.5)
    np.testing.assert_allclose(width, BAR_PX, atol=3)


def test_a_range_begins_with_the_half_picture_that_it_names(
    open_clip: Open, tmp_path: Path
) -> None:
    path = film(tmp_path / "clip.mp4", "libx264", {"x264-params": "tff=1"}, "tff")
    options = ReadOptions(start_seconds=0.5, end_seconds=0.6)
    with open_clip(path, options) as video:
        got = [(frame.pts_seconds, bar(frame.pixels)[0]) for frame in frames(video)]
    seconds, left = np.array(got).T
    np.testing.assert_allclose(seconds, [0.5, 0.52, 0.54, 0.56, 0.58], atol=1e-6)
    np.testing.assert_allclose(left, left_edge(seconds), atol=2.5)


def test_a_clip_of_whole_pictures_is_none_of_these(open_clip: Open, tmp_path: Path) -> None:
    path = film(tmp_path / "clip.mp4", "libx264", {}, "prog")
    with open_clip(path, ReadOptions()) as video:
        assert not video.probe.interlaced
        assert len([frame.frame_index for frame in frames(video)]) == COUNT
        assert video.probe.fps == pytest.approx(RATE)
