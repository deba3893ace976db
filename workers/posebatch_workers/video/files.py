"""Opening a file of the archive once, so that everything after works on what was checked."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posebatch_shared.errors import EmptyFile, FileNotFound, FileUnreadable, NotAVideo


@contextmanager
def open_file(path: Path) -> Iterator[int]:
    """A descriptor of the regular, non-empty file at `path`."""
    try:
        # Not blocking, so that a named pipe in the archive cannot hold the worker.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise FileNotFound(f"{path} does not exist") from None
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}") from error
    try:
        _check_regular(fd, path)
        yield fd
    finally:
        os.close(fd)


def _check_regular(fd: int, path: Path) -> None:
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise NotAVideo(f"{path} is not a regular file")
    if status.st_size == 0:
        raise EmptyFile(f"{path} has no bytes")
