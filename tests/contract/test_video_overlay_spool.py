"""The overlay's spool: the same film without a second decode, and its limits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.overlay_scenes import ANALYSIS, UNEVEN, film, overlay, standing, uneven_clip
from contract.video_patterns import Pattern, regular, write
from posebatch_workers.overlay.canvas import Canvas
from posebatch_workers.overlay.footage import decoded_again
from posebatch_workers.overlay.spool import Spool
from posebatch_workers.overlay.write import write_overlay
from posebatch_workers.timing import StageTimer
from posebatch_workers.video.reader import ReadOptions, open_video


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return uneven_clip(tmp_path_factory.mktemp("overlay"))


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
        write_overlay(spool.footage(never), sequence, ANALYSIS, tmp_path / "a.mp4", StageTimer())
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

    with spool.footage(again):
        return bool(opened)


def test_a_full_spool_decodes_again(clip: Path, tmp_path: Path) -> None:
    with Spool(tmp_path, most_bytes=416 * 720 * 3 // 2 * 7) as spool:
        assert recorded(clip, spool) == list(range(len(UNEVEN)))
        assert decodes_again(clip, spool)
    with Spool(tmp_path) as spool:
        assert decodes_again(clip, spool)  # nothing recorded yet
        recorded(clip, spool)
        assert not decodes_again(clip, spool)


def test_a_full_disk_decodes_again(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("posebatch_workers.overlay.spool._write", full)
    with Spool(tmp_path) as spool:
        assert recorded(clip, spool) == list(range(len(UNEVEN)))
        assert decodes_again(clip, spool)


def test_a_clip_that_was_left_early_is_not_taken_for_whole(clip: Path, tmp_path: Path) -> None:
    with Spool(tmp_path) as spool, open_video(clip, ReadOptions(batch_frames=5)) as video:
        next(iter(spool.recording(video).batches()))
        assert decodes_again(clip, spool)


def test_a_spool_leaves_nothing_behind(clip: Path, tmp_path: Path) -> None:
    with Spool(tmp_path / "new") as spool:
        recorded(clip, spool)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_fast_clip_takes_only_the_film_s_room(tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", Pattern(times=regular(48, 240)))
    picture_bytes = 128 * 96 * 3 // 2
    with Spool(tmp_path, most_bytes=6 * picture_bytes) as spool:
        assert recorded(clip, spool) == list(range(48))
        kept = times_of(spool)
    np.testing.assert_allclose(kept, [n / 240 for n in range(0, 48, 8)], atol=1e-3)


def times_of(spool: Spool) -> list[float]:
    never: Any = None
    with spool.footage(never) as footage:
        canvas = Canvas(footage.form.width, footage.form.height)
        return [seconds for part in footage.parts for seconds in part(canvas)]


@pytest.mark.parametrize(("idle", "parts"), [(0, 1), (1, 2), (8, 4)])
def test_parts_encoded_side_by_side_make_the_same_film(
    idle: int, parts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posebatch_workers.overlay.spool.idle_cores", lambda: idle)
    times = [n / 30 for n in range(250)]
    clip = write(tmp_path / "clip.mp4", Pattern(times=times))
    never: Any = None
    with Spool(tmp_path) as spool:
        recorded(clip, spool)
        with spool.footage(never) as footage:
            assert len(footage.parts) == parts
        sequence = standing(times, 128, 96)
        write_overlay(spool.footage(never), sequence, ANALYSIS, tmp_path / "o.mp4", StageTimer())
    write_overlay(
        decoded_again(partial(open_video, clip)),
        sequence,
        ANALYSIS,
        tmp_path / "again.mp4",
        StageTimer(),
    )
    (probe, shown, a), (_, _, b) = film(tmp_path / "o.mp4"), film(tmp_path / "again.mp4")
    np.testing.assert_allclose(shown, times, atol=1e-3)
    assert probe.frames_from_header == len(times)
    assert all(np.abs(x.astype(int) - y).mean() < 4 for x, y in zip(a, b, strict=True))
