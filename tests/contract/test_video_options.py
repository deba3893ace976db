"""Size, stride, range, region of interest and coarse passes, in this process and sandboxed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from contract.video_patterns import CORNERS, Pattern, picture, read, regular, write
from contract.video_readers import WAYS, Open, frames, reader
from posebatch_workers.video.reader import ReadOptions

COUNT, FPS = 48, 30


@pytest.fixture(scope="module", params=WAYS)
def open_clip(request: pytest.FixtureRequest) -> Iterator[Open]:
    with reader(request.param) as opened:
        yield opened


@pytest.fixture(scope="module", params=[(0, False), (90, False), (270, True)])
def pattern(request: pytest.FixtureRequest) -> Pattern:
    degrees, mirrored = request.param
    return Pattern(
        times=regular(COUNT, FPS), width=256, height=192, degrees=degrees, mirrored=mirrored
    )


@pytest.fixture(scope="module")
def clip(pattern: Pattern, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("options") / "clip.mp4", pattern)


def test_shrinks_and_never_enlarges(open_clip: Open, clip: Path) -> None:
    for max_side, shape in [(128, (96, 128, 3)), (101, (76, 101, 3)), (4000, (192, 256, 3))]:
        with open_clip(clip, ReadOptions(max_side=max_side)) as video:
            got = [(frame.pixels.shape, *read(frame.pixels)) for frame in frames(video)]
            assert (video.info.width, video.info.height) == (256, 192)
        assert got == [(shape, n, (0, 1, 2, 3)) for n in range(COUNT)]


def test_halves_as_long_as_enough_is_left(open_clip: Open, clip: Path) -> None:
    for least_side, shape in [(128, (96, 128, 3)), (64, (48, 64, 3)), (129, (192, 256, 3))]:
        with open_clip(clip, ReadOptions(least_side=least_side)) as video:
            assert {frame.pixels.shape for frame in frames(video)} == {shape}


def test_bytes_of_a_pixel_in_either_order(open_clip: Open, clip: Path) -> None:
    first = {}
    for order in ("rgb", "bgr"):
        with open_clip(clip, ReadOptions(order=order, max_side=128)) as video:
            first[order] = next(iter(frames(video))).pixels.copy()
    assert read(first["rgb"])[1] == (0, 1, 2, 3)
    np.testing.assert_array_equal(first["rgb"], first["bgr"][:, :, ::-1])


def test_shrinking_averages_instead_of_picking(open_clip: Open, clip: Path, tmp_path: Path) -> None:
    with open_clip(clip, ReadOptions(max_side=32)) as video:
        got = next(iter(frames(video))).pixels.astype(float)
    wanted = picture(0, 256, 192).reshape(24, 8, 32, 8, 3).mean(axis=(1, 3))
    assert np.abs(got - wanted).mean() < 6


def test_stride_keeps_indices_and_times(open_clip: Open, clip: Path) -> None:
    with open_clip(clip, ReadOptions(stride=5)) as video:
        got = [(f.frame_index, read(f.pixels)[0], f.pts_seconds) for f in frames(video)]
        assert video.frames_read == len(got)
    assert [g[0] for g in got] == [g[1] for g in got] == list(range(0, COUNT, 5))
    np.testing.assert_allclose([g[2] for g in got], np.arange(0, COUNT, 5) / FPS, atol=1e-3)


def test_a_range_is_half_open(open_clip: Open, clip: Path) -> None:
    options = ReadOptions(start_seconds=20 / FPS, end_seconds=30 / FPS)
    with open_clip(clip, options) as video:
        got = [(read(f.pixels)[0], f.pts_seconds) for f in frames(video)]
    assert [g[0] for g in got] == list(range(20, 30))
    np.testing.assert_allclose([g[1] for g in got], np.arange(20, 30) / FPS, atol=1e-3)


@pytest.mark.parametrize(
    ("roi", "corner"),
    [
        ((0, 0, 0.3, 0.3), 0),
        ((0.7, 0, 1, 0.3), 1),
        ((0, 0.7, 0.3, 1), 2),
        ((0.7, 0.7, 1, 1), 3),
    ],
)
def test_a_region_is_that_of_the_upright_picture(
    roi: tuple[float, float, float, float], corner: int, open_clip: Open, clip: Path
) -> None:
    with open_clip(clip, ReadOptions(roi=roi)) as video:
        first = next(iter(frames(video))).pixels
    assert first.shape == (58, 77, 3)
    assert np.abs(first.reshape(-1, 3).mean(axis=0) - CORNERS[corner]).max() < 25


def test_a_coarse_pass_leaves_out_frames_that_others_do_not_need(
    open_clip: Open, clip: Path
) -> None:
    with open_clip(clip, ReadOptions(skip="nonref")) as video:
        got = [(read(f.pixels)[0], f.pts_seconds) for f in frames(video)]
    assert COUNT / 4 < len(got) < COUNT
    np.testing.assert_allclose([g[1] for g in got], [g[0] / FPS for g in got], atol=1e-3)


@pytest.mark.parametrize("threads", [0, 2, 4])
def test_threads_change_no_picture(threads: int, open_clip: Open, clip: Path) -> None:
    with open_clip(clip, ReadOptions(threads=threads)) as video:
        got = [(read(f.pixels)[0], f.frame_index, f.pts_seconds) for f in frames(video)]
    assert [(n, index) for n, index, _ in got] == [(n, n) for n in range(COUNT)]
    np.testing.assert_allclose([g[2] for g in got], np.arange(COUNT) / FPS, atol=1e-3)


def test_stages_add_up_to_their_root(open_clip: Open, clip: Path) -> None:
    with open_clip(clip, ReadOptions()) as video:
        assert sum(1 for _ in frames(video)) == COUNT
        root, *children = video.timings()
    assert (root.stage, root.parent) == ("decoder", None)
    assert [child.stage for child in children] == ["probe", "decode", "convert"]
    assert {child.parent for child in children} == {"decoder"}
    assert sum(child.seconds for child in children) == pytest.approx(root.seconds)
    assert children[-1].calls == COUNT


def test_without_a_cuda_device_software_decodes_and_says_so(open_clip: Open, clip: Path) -> None:
    with open_clip(clip, ReadOptions(hardware="auto")) as video:
        assert [read(frame.pixels)[0] for frame in frames(video)] == list(range(COUNT))
        assert video.info.extra["decoder"] in ("software", "cuda")


@pytest.mark.parametrize("threads", [0, 2])
def test_more_threads_give_the_same_frames(threads: int, open_clip: Open, clip: Path) -> None:
    with open_clip(clip, ReadOptions(threads=threads)) as video:
        got = [(f.frame_index, read(f.pixels)[0]) for f in frames(video)]
    assert got == [(n, n) for n in range(COUNT)]
