"""Camcorders, tapes and discs store two moments in one picture, each in every other line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.codec.context import Flags
from numpy.typing import NDArray

from contract.video_readers import WAYS, Open, frames, reader
from posebatch_workers.video.reader import ReadOptions

WIDTH, HEIGHT, RATE = 720, 576, 25
BAR_PX, PX_PER_SECOND = 20, 600
INTERLACED = int(Flags.interlaced_dct) | int(Flags.interlaced_me)


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A bar that moves evenly to the right; `numbers` are those of the stored pictures."""

    name: str
    encoder: str
    top_first: bool = True
    numbers: Sequence[int] = range(20)
    interlaced: bool = True
    degrees: int = 0


RECORDINGS = (
    Recording(name="camcorder.mts", encoder="libx264"),
    Recording(name="camcorder.mp4", encoder="libx264"),
    Recording(name="export.mkv", encoder="libx264", top_first=False),
    Recording(name="disc.vob", encoder="mpeg2video"),
    Recording(name="tape.dv", encoder="dvvideo", top_first=False),
    Recording(name="tape.avi", encoder="dvvideo", top_first=False),
)


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_every_field_is_a_picture_of_its_own_moment(
    recording: Recording, open_clip: Open, tmp_path: Path
) -> None:
    with open_clip(write(tmp_path / recording.name, recording), ReadOptions()) as video:
        assert video.probe.interlaced
        assert (video.probe.fps, video.probe.fields) == (2 * RATE, 2)
        told = video.info.frames
        got = [(f.frame_index, f.pts_seconds, position(f.pixels)) for f in frames(video)]

    index, seconds, places = map(np.array, zip(*got, strict=True))
    assert index.tolist() == list(range(40))
    np.testing.assert_allclose(seconds, np.arange(40) / 50, atol=1e-3)
    np.testing.assert_allclose(places, PX_PER_SECOND * seconds, atol=1)
    assert told in (40, None)
    assert (video.info.frames, video.info.fps) == (40, 2 * RATE)
    assert video.info.duration_seconds == pytest.approx(0.8, abs=1e-3)


def test_progressive_pictures_are_read_as_they_are(open_clip: Open, tmp_path: Path) -> None:
    recording = Recording(name="phone.mp4", encoder="libx264", interlaced=False)
    with open_clip(write(tmp_path / recording.name, recording), ReadOptions()) as video:
        assert (video.probe.interlaced, video.probe.fields, video.probe.fps) == (False, 1, RATE)
        assert len(list(frames(video))) == 20


@pytest.mark.parametrize("start", [0.0, 3600.0])
def test_where_pictures_are_missing_the_others_keep_their_times(
    start: float, open_clip: Open, tmp_path: Path
) -> None:
    """A second field belongs to its own picture, not midway to the next one."""
    first = round(start * RATE)
    numbers = [first + n for n in (0, 1, 2, 3, 8, 9, 10)]
    recording = Recording(name="gaps.mts", encoder="libx264", numbers=numbers)
    with open_clip(write(tmp_path / recording.name, recording), ReadOptions()) as video:
        seconds = [frame.pts_seconds for frame in frames(video)]
    stored = [0, 1, 2, 3, 8, 9, 10]
    fields = [(n + half) / RATE for n in stored for half in (0, 0.5)]
    np.testing.assert_allclose(seconds, fields, atol=1e-3)


def test_recordings_put_together_go_on_field_by_field(open_clip: Open, tmp_path: Path) -> None:
    path = tmp_path / "both.mts"
    with path.open("wb") as both:
        for first in (0, 10_000):
            recording = Recording(
                name="one.mts", encoder="libx264", numbers=range(first, first + 20)
            )
            both.write(write(tmp_path / recording.name, recording).read_bytes())
    with open_clip(path, ReadOptions()) as video:
        seconds = [frame.pts_seconds for frame in frames(video)]
    np.testing.assert_allclose(seconds, np.arange(80) / 50, atol=1e-3)


def test_a_later_pass_finds_the_same_fields(open_clip: Open, tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", RECORDINGS[1])
    with open_clip(path, ReadOptions(start_seconds=0.3, end_seconds=0.5)) as video:
        got = [(f.pts_seconds, position(f.pixels)) for f in frames(video)]
    seconds, places = map(np.array, zip(*got, strict=True))
    np.testing.assert_allclose(seconds, np.arange(15, 25) / 50, atol=1e-3)
    np.testing.assert_allclose(places, PX_PER_SECOND * seconds, atol=1)


def test_every_other_field_keeps_its_number(open_clip: Open, tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mts", RECORDINGS[0])
    with open_clip(path, ReadOptions(stride=4)) as video:
        got = [(f.frame_index, f.pts_seconds) for f in frames(video)]
    assert [index for index, _ in got] == list(range(0, 40, 4))
    np.testing.assert_allclose([s for _, s in got], np.arange(0, 40, 4) / 50, atol=1e-3)


def test_interlaced_pictures_are_turned_and_coloured_as_others(
    open_clip: Open, tmp_path: Path
) -> None:
    pictures = []
    for interlaced in (True, False):
        recording = Recording(
            name="turned.mp4",
            encoder="libx264",
            degrees=90,
            interlaced=interlaced,
            numbers=range(3),
        )
        with open_clip(write(tmp_path / recording.name, recording), ReadOptions()) as video:
            assert video.probe.rotation_degrees == 90
            pictures.append(next(frames(video)).pixels.copy())
    assert pictures[0].shape == (WIDTH, HEIGHT, 3)
    difference = pictures[0].astype(int) - pictures[1]
    assert np.abs(difference).mean() < 2


def write(path: Path, recording: Recording) -> Path:
    """Write the recording and return its path."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(recording.encoder, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, RATE)
        stream.codec_context.thread_count = 1
        if recording.interlaced:
            stream.codec_context.flags |= INTERLACED
        if recording.degrees:
            stream.set_display_rotation(-recording.degrees)
        tag = _tagger(recording)
        for number in recording.numbers:
            tag.push(_stored(number, recording))
            container.mux(stream.encode(tag.pull()))
        container.mux(stream.encode(None))
    return path


def position(pixels: NDArray[np.uint8]) -> float:
    """Where the left edge of the bar is, in columns of the stored picture."""
    columns = np.clip(pixels[:, :, 1].mean(axis=0) - 60, 0, None)
    middle = (columns * (np.arange(len(columns)) + 0.5)).sum() / columns.sum()
    return float(middle * WIDTH / len(columns) - BAR_PX / 2)


def _stored(number: int, recording: Recording) -> av.VideoFrame:
    picture = _picture(number / RATE)
    if recording.interlaced:
        later = slice(1, None, 2) if recording.top_first else slice(0, None, 2)
        picture[later] = _picture((number + 0.5) / RATE)[later]
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    frame.pts, frame.time_base = number, Fraction(1, RATE)
    return frame


def _picture(seconds: float) -> NDArray[np.uint8]:
    left, columns = PX_PER_SECOND * seconds % (WIDTH - BAR_PX), np.arange(WIDTH)
    covered = np.clip(np.minimum(columns + 1 - left, left + BAR_PX - columns), 0, 1)
    row = (40 + 180 * covered).astype(np.uint8)
    return np.repeat(np.repeat(row[None, :, None], HEIGHT, axis=0), 3, axis=2)


def _tagger(recording: Recording) -> Any:
    """Marks pictures as what they are: encoders take the order of fields from them."""
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=WIDTH, height=HEIGHT, format="yuv420p", time_base=Fraction(1, RATE)
    )
    order = ("tff" if recording.top_first else "bff") if recording.interlaced else "prog"
    graph.link_nodes(source, graph.add("setfield", order), graph.add("buffersink")).configure()
    return graph
