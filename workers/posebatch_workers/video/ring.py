"""Shared memory for a bounded number of frames: one process writes, the other only reads."""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
from dataclasses import dataclass
from typing import Self

import numpy as np

from posebatch_workers.video.orientation import Pixels

Shape = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many frames fit: `slots` in the ring, of which `batch` are handed over at a time."""

    slots: int
    batch: int

    @classmethod
    def fit(cls, shape: Shape, batch_frames: int, most_bytes: int) -> Self:
        """Three batches if they fit, else what fits; never fewer than two frames.

        A batch is at most half the slots, so that one can be filled while the other is read.
        """
        slots = max(2, min(3 * batch_frames, most_bytes // int(np.prod(shape))))
        return cls(slots=slots, batch=min(batch_frames, slots // 2))


class Memory:
    """Anonymous memory of the reading side, kept and re-used from clip to clip.

    Sealed, so that the writing side cannot shrink it under the reader's feet.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.descriptor = _anonymous_file(size)
        self._map = mmap.mmap(self.descriptor, size, mmap.MAP_SHARED, mmap.PROT_READ)

    def frames(self, shape: Shape, slots: int) -> Pixels:
        """A read-only view (slots, height, width, 3) of the beginning."""
        return _view(self._map, shape, slots)

    def close(self) -> None:
        """Give the memory back once no frame refers to it any more."""
        os.close(self.descriptor)


class WritableMemory:
    """The writing side's view of memory that it is handed, clip after clip the same or another.

    Mapped once for as long as it stays the same: mapping it anew would touch every page again.
    """

    def __init__(self) -> None:
        self._map: mmap.mmap | None = None
        self._inode = 0

    def frames(self, descriptor: int, shape: Shape, slots: int) -> Pixels:
        """A writable view (slots, height, width, 3) of the beginning of `descriptor`."""
        status = os.fstat(descriptor)
        if self._map is None or self._inode != status.st_ino:
            self._map = mmap.mmap(descriptor, status.st_size, mmap.MAP_SHARED)
            self._inode = status.st_ino
        return _view(self._map, shape, slots)


def _view(mapped: mmap.mmap, shape: Shape, slots: int) -> Pixels:
    count = slots * int(np.prod(shape))
    return np.frombuffer(mapped, np.uint8, count).reshape(slots, *shape)


def _anonymous_file(size: int) -> int:
    if not hasattr(os, "memfd_create"):  # macOS
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
            os.ftruncate(descriptor, size)
            return descriptor
    descriptor = os.memfd_create("frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor
