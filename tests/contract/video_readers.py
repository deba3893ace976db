"""Both ways of reading a clip, behind one name: every contract holds for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from posebatch_workers.video.frames import Frame
from posebatch_workers.video.ports import OpenVideo, Pictures
from posebatch_workers.video.reader import ReadOptions, open_video
from posebatch_workers.video.sandbox import DecoderProcess

Open = Callable[[Path, ReadOptions], AbstractContextManager[OpenVideo]]
WAYS = ("in-process", "sandboxed")


@contextmanager
def reader(way: str) -> Iterator[Open]:
    """The function that opens clips in that way."""
    if way == "in-process":
        yield open_video
        return
    process = DecoderProcess()
    try:
        yield process.open
    finally:
        process.close()


def frames(video: Pictures) -> Iterator[Frame]:
    """Frames one by one, each valid only until the next."""
    for batch in video.batches():
        yield from batch
