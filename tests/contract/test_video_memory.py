"""A decoding process lives for thousands of clips: what one has taken is free for the next."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from contract.video_patterns import Pattern, regular, write
from contract.video_readers import frames
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.ring import Memory
from posebatch_workers.video.sandbox import DecoderProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

#: A picture of this clip takes 3 MB, and its decoder some of them.
SIZE = {"width": 1920, "height": 1080}
MOST_GROWTH_MIB = 16


@pytest.fixture
def decoder() -> Iterator[DecoderProcess]:
    process = DecoderProcess()
    yield process
    process.close()


def test_clip_after_clip_takes_the_same_memory(decoder: DecoderProcess, tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", Pattern(times=regular(6, 30), **SIZE))
    held = [held_mib_after(decoder, clip) for _ in range(30)]
    assert held[-1] - held[5] < MOST_GROWTH_MIB, held


def test_the_writing_side_cannot_change_its_size_under_the_readers_feet() -> None:
    memory = Memory(1 << 20)
    for size in (0, 2 << 20):
        with pytest.raises(PermissionError):
            os.ftruncate(memory.descriptor, size)
    memory.close()


def held_mib_after(decoder: DecoderProcess, clip: Path) -> float:
    with decoder.open(clip, ReadOptions()) as video:
        for _ in frames(video):
            pass
    memory = psutil.Process(decoder.pid).memory_info()
    return (memory.rss - memory.shared) / 2**20
