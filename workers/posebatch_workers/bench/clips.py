"""Clips in memory, so that a benchmark of trackers times no decoding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from posebatch_shared.errors import PosebatchError
from posebatch_shared.results import VideoInfo
from posebatch_workers.video.frames import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """All frames of one clip (or its first ones), upright RGB."""

    name: str
    info: VideoInfo
    frames: tuple[Frame, ...]

    def calls(self, size: int) -> Iterator[Sequence[Frame]]:
        """The frames as the pipeline hands them to a tracker, `size` at a time."""
        for start in range(0, len(self.frames), size):
            yield self.frames[start : start + size]


def load(path: Path, *, most_frames: int | None = None) -> Clip:
    """Decode the clip at `path` in this process. Raises the errors of `open_video`."""
    from posebatch_workers.video.reader import ReadOptions, open_video

    frames: list[Frame] = []
    with named(path), open_video(path, ReadOptions()) as video:
        for batch in video.batches():
            frames += [replace(frame, pixels=frame.pixels.copy()) for frame in batch]
            if most_frames is not None and len(frames) >= most_frames:
                break
        info = video.info
    return Clip(name=path.name, info=info, frames=tuple(frames[:most_frames]))


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Errors of reading a clip say which of several it was."""
    try:
        yield
    except PosebatchError as error:
        raise type(error)(f"{path.name}: {error}") from error
