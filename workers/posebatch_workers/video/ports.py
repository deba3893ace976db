"""What an opened clip offers, wherever it is decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from posebatch_shared.results import StageTiming, VideoInfo
from posebatch_workers.video.facts import Probe
from posebatch_workers.video.frames import Frame
from posebatch_workers.video.options import ReadOptions


class Pictures(Protocol):
    """A clip, picture by picture."""

    @property
    def info(self) -> VideoInfo:
        """The probe's facts; once the whole clip is read, with what was counted and measured."""

    def batches(self) -> Iterator[Sequence[Frame]]:
        """Frames in order; the pixels of a batch are valid until the next one is asked for.

        Errors: Truncated, NoFrames, TooManyDecodeErrors, VideoTooLarge, FileUnreadable.
        """


class OpenVideo(Pictures, Protocol):
    """A clip that is being read, in this process or in another one."""

    @property
    def probe(self) -> Probe:
        """What the clip is."""

    @property
    def decode_errors(self) -> int:
        """Damaged packets and pictures so far."""

    @property
    def frames_read(self) -> int:
        """Frames handed out so far."""

    def timings(self) -> tuple[StageTiming, ...]:
        """The root stage `decoder` with its children `probe`, `decode` and `convert`."""


#: Opens one clip, bound by whoever made it, at the size that the options name or a smaller one.
SourceOpener = Callable[[ReadOptions], AbstractContextManager[Pictures]]
