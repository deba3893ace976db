"""The overlay's spool: the same film without a second decode, and its limits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.overlay_scenes import ANALYSIS, UNEVEN, film, overlay, standing, uneven_clip
from contract.video_patterns import Pattern, regular, write
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


def test_a_fast_clip_takes_only_the_film_s_room(tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", Pattern(times=regular(48, 240)))
    picture_bytes = 128 * 96 * 3 // 2
    with Spool(tmp_path, most_bytes=6 * picture_bytes) as spool:
        assert recorded(clip, spool) == list(range(48))
        with spool.opener(partial(open_video, clip))(ReadOptions()) as pictures:
            kept = [frame.frame_index for batch in pictures.batches() for frame in batch]
    assert kept == list(range(0, 48, 8))
