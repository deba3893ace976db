"""Folders behind fsspec addresses (s3://…), and what keeps files from being read and written."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from posebatch_shared.errors import (
    DiskFull,
    NotInstalled,
    PosebatchError,
    RootUnavailable,
    TransientError,
    UsageError,
)

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
#: Room that a clip's files may take in passing.
_ROOM_MIB = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFolder:
    """A file system and a folder in it, as that file system calls it, without a slash at its end.

    Paths in it are plain names: no part of them is taken for a pattern, a chain of file systems or
    an escape.
    """

    address: str
    files: Any  #: fsspec.AbstractFileSystem
    path: str

    def inside(self, relative: str) -> str:
        """The file system's name of something in the folder."""
        return f"{self.path}/{relative}" if relative else self.path

    def modified_ns(self, path: str) -> int:
        """When the file was last written, in ns since 1970; 0 where nobody keeps that."""
        try:
            written: datetime = self.files.modified(path)
        except NotImplementedError:
            return 0
        return round(written.timestamp() * 1e9)


def is_remote(address: str) -> bool:
    """Whether it goes through fsspec."""
    return "://" in address


def open_remote(address: str) -> RemoteFolder:
    """Does not connect.

    Errors: NotInstalled if the address needs a library that is not there, UsageError if nobody
    knows its kind.
    """
    import fsspec

    try:
        files, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        raise NotInstalled(f"{address}: {error}") from error
    except ValueError as error:
        raise UsageError(f"{address}: {error}") from error
    return RemoteFolder(address=address, files=files, path=path.rstrip("/"))


@contextmanager
def storage_errors(what: str, unavailable: type[TransientError]) -> Iterator[None]:
    """Errors inside become ours: DiskFull where there is no room, else `unavailable`.

    Each library behind fsspec has errors of its own for a lost network or a wrong key, few of them
    OSErrors.
    """
    try:
        yield
    except PosebatchError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise DiskFull(f"no room for {what}") from error
        raise unavailable(f"{what}: {error}") from error


def check_root(mount: str) -> None:
    """Pass if a root's folder can be listed and holds something, or if its bucket answers.

    Errors: RootUnavailable, NotInstalled, UsageError.
    """
    with storage_errors(mount, RootUnavailable):
        if is_remote(mount):
            remote = open_remote(mount)
            remote.files.invalidate_cache()
            remote.files.info(remote.path)
            return
        with os.scandir(mount) as entries:
            if next(entries, None) is None:
                raise RootUnavailable(f"{mount} is empty; is it mounted?")


def check_room(folder: Path, unavailable: type[TransientError]) -> None:
    """Pass if a clip's files could be written here now. Errors: DiskFull, `unavailable`."""
    with storage_errors(str(folder), unavailable):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            for _ in range(_ROOM_MIB):
                file.write(bytes(1 << 20))
            file.flush()
            os.fsync(file.fileno())
