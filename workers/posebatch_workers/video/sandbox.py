"""Reading clips through a decoding process: the caller never parses a byte of the archive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posebatch_workers.video.files import open_file
from posebatch_workers.video.launch import Child
from posebatch_workers.video.options import ProcessLimits, ReadOptions
from posebatch_workers.video.ports import OpenVideo
from posebatch_workers.video.remote import RemoteVideo
from posebatch_workers.video.ring import Memory

_DEFAULT_LIMITS = ProcessLimits()


class DecoderProcess:
    """One decoding process, kept for many clips, with a warm spare that replaces it after a crash.

    For one thread at a time, which must live as long as the process shall. Starts on first use;
    after a fork the new process gets its own.
    """

    def __init__(self, limits: ProcessLimits = _DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._owner = 0
        self._child: Child | None = None
        self._spare: Child | None = None
        self._memory: Memory | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the decoding process, None before the first use."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Have the process get ready in the background, before the first clip asks for it."""
        self._running()

    @contextmanager
    def open(self, path: Path, options: ReadOptions) -> Iterator[OpenVideo]:
        """Open the clip at `path`; frames come through shared memory that this process only reads.

        Errors: those of `reader.open_video`, and DecoderCrashed and DecoderTimeout, after which
        the next clip finds a fresh process.
        """
        with open_file(path) as fd:
            child = self._running()
            try:
                video = RemoteVideo(child, fd, options, self._limits, self._memory_of)
                self._keep_spare()
                yield video
            finally:
                if child.alive:
                    child.stop()

    def close(self) -> None:
        """End the process and its spare."""
        for child in (self._child, self._spare):
            if child and self._owner == os.getpid():
                child.kill()
        if self._memory:
            self._memory.close()
        self._child = self._spare = self._memory = None

    def _running(self) -> Child:
        """A live process; the spare takes over from a dead one."""
        if self._owner != os.getpid():
            self._owner, self._child, self._spare, self._memory = os.getpid(), None, None, None
        if self._child is None or not self._child.alive:
            spare = self._spare if self._spare and self._spare.alive else None
            self._child, self._spare = spare or Child(self._limits), None
        return self._child

    def _keep_spare(self) -> None:
        """Start a spare while the clip is being decoded, so that no clip waits for one."""
        if self._spare is None or not self._spare.alive:
            self._spare = Child(self._limits)

    def _memory_of(self, size: int) -> Memory:
        """Shared memory of at least `size` bytes; the last clip's if it is large enough."""
        if self._memory is None or self._memory.size < size:
            if self._memory:
                self._memory.close()
            self._memory = Memory(size)
        return self._memory
