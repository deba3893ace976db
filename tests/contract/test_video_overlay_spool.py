"""The overlay's spool: the same film without a second decode, and its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.overlay_scenes import ANALYSIS, UNEVEN, film, overlay, standing, uneven_clip, written
from contract.video_patterns import Pattern, regular, write
from contract.video_readers import frames
from posebatch_workers.overlay.canvas import Canvas
from posebatch_workers.overlay.footage import decoded_again
from posebatch_workers.overlay.spool import Spool
from posebatch_workers.timing import StageTimer
from posebatch_workers.video.reader import ReadOptions, open_video


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return uneven_clip(tmp_path_factory.mktemp("overlay"))


def record(clip: Path, spool: Spool, order: Sequence[int] | None = None) -> None:
    """Have a spool keep the frames of these numbers, in that order; all of them if not said."""
    with open_video(clip, ReadOptions(max_side=720, batch_frames=5)) as video:
        spool.begin(video.info.fps)
        shown = [replace(f, pixels=f.pixels.copy()) for f in frames(video)]
    for number in range(len(shown)) if order is None else order:
        with spool.keeping([shown[number]]):
            pass


def test_a_spool_gives_what_a_second_decode_gives(clip: Path, tmp_path: Path) -> None:
    never: Any = None
    with Spool(tmp_path) as spool:
        record(clip, spool)
        sequence, footage = standing(UNEVEN, 542, 962), spool.footage(never, UNEVEN)
        written(footage, sequence, ANALYSIS, tmp_path / "a.mp4", StageTimer())
        overlay(clip, tmp_path / "b.mp4", ANALYSIS)
    (_, times_a, a), (_, times_b, b) = film(tmp_path / "a.mp4"), film(tmp_path / "b.mp4")
    assert times_a == times_b
    assert all(np.abs(x.astype(int) - y).mean() < 4 for x, y in zip(a, b, strict=True))


def decodes_again(clip: Path, spool: Spool) -> bool:
    """Whether the film's pictures come from a second decode."""
    opened = []

    def again(options: ReadOptions) -> Any:
        opened.append(clip)
        return open_video(clip, options)

    with spool.footage(again, UNEVEN):
        return bool(opened)


def test_a_full_spool_decodes_again(clip: Path, tmp_path: Path) -> None:
    with Spool(tmp_path, most_bytes=416 * 720 * 3 // 2 * 7) as spool:
        record(clip, spool)
        assert decodes_again(clip, spool)
    with Spool(tmp_path) as spool:
        assert decodes_again(clip, spool)  # nothing recorded yet
        record(clip, spool)
        assert not decodes_again(clip, spool)


def test_a_full_disk_decodes_again(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("posebatch_workers.overlay.spool._write", full)
    with Spool(tmp_path) as spool:
        record(clip, spool)
        assert decodes_again(clip, spool)


def test_a_clip_whose_beginning_came_from_a_checkpoint_is_decoded_again(
    clip: Path, tmp_path: Path
) -> None:
    with Spool(tmp_path) as spool:
        record(clip, spool, range(4, len(UNEVEN)))
        assert decodes_again(clip, spool)


def test_a_spool_leaves_nothing_behind(clip: Path, tmp_path: Path) -> None:
    with Spool(tmp_path / "new") as spool:
        record(clip, spool)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_fast_clip_takes_only_the_film_s_room(tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", Pattern(times=regular(48, 240)))
    picture_bytes = 128 * 96 * 3 // 2
    with Spool(tmp_path, most_bytes=6 * picture_bytes) as spool:
        record(clip, spool)
        kept = times_of(spool, regular(48, 240))
    np.testing.assert_allclose(kept, [n / 240 for n in range(0, 48, 8)], atol=1e-3)


def times_of(spool: Spool, looks: Sequence[float]) -> list[float]:
    never: Any = None
    with spool.footage(never, looks) as footage:
        canvas = Canvas(footage.form.width, footage.form.height)
        return [seconds for part in footage.parts for seconds in part(canvas)]


#: Looks at a clip of 60 frames/s, later and closer ones where it moved.
LOOKS = (0, 8, 16, 24, *range(17, 24), *range(25, 36), 43, 51, 59)


def test_a_picture_stands_still_until_the_tracker_looked_again(tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", Pattern(times=regular(60, 60)))
    looks = [number / 60 for number in sorted(LOOKS)]
    with Spool(tmp_path) as spool:
        record(clip, spool, LOOKS)
        kept = times_of(spool, looks)
    shown = [0, 8, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 43, 51, 59]
    np.testing.assert_allclose(kept, [n / 60 for n in shown], atol=1e-3)
    with decoded_again(partial(open_video, clip), looks) as footage:
        canvas = Canvas(footage.form.width, footage.form.height)
        again = [seconds for part in footage.parts for seconds in part(canvas)]
    np.testing.assert_allclose(again, kept, atol=1e-6)


@pytest.mark.parametrize(("idle", "parts"), [(0, 1), (1, 2), (8, 4)])
def test_parts_encoded_side_by_side_make_the_same_film(
    idle: int, parts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posebatch_workers.overlay.spool.idle_cores", lambda: idle)
    times = [n / 30 for n in range(250)]
    clip = write(tmp_path / "clip.mp4", Pattern(times=times))
    never: Any = None
    with Spool(tmp_path) as spool:
        record(clip, spool)
        with spool.footage(never, times) as footage:
            assert len(footage.parts) == parts
        sequence, footed = standing(times, 128, 96), spool.footage(never, times)
        written(footed, sequence, ANALYSIS, tmp_path / "o.mp4", StageTimer())
    written(
        decoded_again(partial(open_video, clip), times),
        sequence,
        ANALYSIS,
        tmp_path / "again.mp4",
        StageTimer(),
    )
    (probe, shown, a), (_, _, b) = film(tmp_path / "o.mp4"), film(tmp_path / "again.mp4")
    np.testing.assert_allclose(shown, times, atol=1e-3)
    assert probe.frames_from_header == len(times)
    assert all(np.abs(x.astype(int) - y).mean() < 4 for x, y in zip(a, b, strict=True))
