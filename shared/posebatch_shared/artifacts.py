"""Where the files of results lie: a local folder, or whatever fsspec reaches (s3://…)."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from posebatch_shared.artifact_addresses import find_artifact, path_of, place_of
from posebatch_shared.artifact_sweep import PARTIAL, Known, sweep_files
from posebatch_shared.errors import ArtifactLost, ArtifactsUnavailable
from posebatch_shared.storage import (
    RemoteFolder,
    check_room,
    open_remote,
    storage_errors,
)


class ArtifactStore(Protocol):
    """Keeps files under names that are never reused for other bytes."""

    def put(self, local_path: Path, name: str) -> str:
        """Copy a file in under `name`; readers see all of it or nothing. Returns its address.

        Errors: DiskFull, ArtifactsUnavailable.
        """

    def check(self) -> None:
        """Pass if a file could be put here now. Errors: DiskFull, ArtifactsUnavailable."""

    def size_bytes(self, name: str) -> int:
        """Of the file put under `name`; 0 if it is not here. Errors: ArtifactsUnavailable."""

    def remove(self, name: str) -> int:
        """Remove that file; returns how many bytes it had. Errors: ArtifactsUnavailable."""

    def sweep(self, known: Known, *, older_than_seconds: float) -> int:
        """Remove files of ours whose names the ledger does not know and that nobody may still be
        writing; whatever else lies here is left alone.

        Returns how many. Errors: ArtifactsUnavailable.
        """


def open_artifacts(url: str) -> ArtifactStore:
    """The store at a folder's path, a file:// address, or an fsspec address. Does not connect.

    Errors: NotInstalled, UsageError.
    """
    folder = path_of(url)
    return FolderArtifacts(folder) if folder else RemoteArtifacts(open_remote(url))


def open_artifact(uri: str, artifacts_url: str) -> IO[bytes]:
    """Read a file by the address that `put` gave it, wherever it lies now.

    Errors: ArtifactsUnavailable, NotInstalled.
    """
    with storage_errors(uri, ArtifactsUnavailable):
        return _open(find_artifact(uri, artifacts_url))


def read_artifact(uri: str, artifacts_url: str) -> bytes:
    """All of such a file, so that none is used by half.

    Errors: ArtifactLost if this one cannot be read, ArtifactsUnavailable if its storage as a whole
    does not answer, NotInstalled.
    """
    try:
        with storage_errors(uri, ArtifactsUnavailable), open_artifact(uri, artifacts_url) as file:
            return file.read()
    except ArtifactsUnavailable as error:
        if isinstance(error.__cause__, OSError):  # else a bucket that does not answer for any
            raise ArtifactLost(str(error)) from error
        raise


def _open(uri: str) -> IO[bytes]:
    if path := path_of(uri):
        return path.open("rb")
    remote = open_remote(uri)
    opened: IO[bytes] = remote.files.open(remote.path, "rb")
    return opened


class FolderArtifacts:
    """Files in a folder, spread over subfolders by the first two letters of their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, local_path: Path, name: str) -> str:
        """Copy, flush to disk, rename."""
        target = self._path(name)
        partial = target.with_name(f".{name}.{secrets.token_hex(4)}{PARTIAL}")
        with storage_errors(name, ArtifactsUnavailable):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with local_path.open("rb") as source, partial.open("xb") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)
                    copy.flush()
                    os.fsync(copy.fileno())
                partial.replace(target)
            finally:
                partial.unlink(missing_ok=True)
        return target.as_uri()

    def check(self) -> None:
        """Write a file that has no name."""
        check_room(self._folder, ArtifactsUnavailable)

    def size_bytes(self, name: str) -> int:
        """As the folder says it."""
        with storage_errors(name, ArtifactsUnavailable), suppress(FileNotFoundError):
            return self._path(name).stat().st_size
        return 0

    def remove(self, name: str) -> int:
        """Unlink it, unless somebody else just did."""
        size_bytes = self.size_bytes(name)
        with storage_errors(name, ArtifactsUnavailable):
            self._path(name).unlink(missing_ok=True)
        return size_bytes

    def _path(self, name: str) -> Path:
        return self._folder / place_of(name)

    def sweep(self, known: Known, *, older_than_seconds: float) -> int:
        """Remove old files that the ledger does not know."""
        before = time.time() - older_than_seconds
        with storage_errors(str(self._folder), ArtifactsUnavailable):
            found = (str(path) for path in self._folder.glob("??/*"))
            return sweep_files(
                found, known, lambda path: Path(path).stat().st_mtime < before, os.unlink
            )


class RemoteArtifacts:
    """Files behind fsspec."""

    def __init__(self, folder: RemoteFolder) -> None:
        self._folder = folder

    def put(self, local_path: Path, name: str) -> str:
        """Upload under a temporary name, then rename."""
        with storage_errors(name, ArtifactsUnavailable):
            files = self._folder.files
            target = self._path(name)
            partial = f"{target}.{secrets.token_hex(4)}{PARTIAL}"
            files.makedirs(target.rpartition("/")[0], exist_ok=True)
            try:
                files.put_file(str(local_path), partial)
                files.mv(partial, target)
            except BaseException:
                with suppress(Exception):
                    files.rm_file(partial)
                raise
            return str(files.unstrip_protocol(target))

    def check(self) -> None:
        """Write a small file and remove it again."""
        path = self._folder.inside(f"check-{secrets.token_hex(8)}{PARTIAL}")
        with storage_errors(self._folder.address, ArtifactsUnavailable):
            self._folder.files.pipe_file(path, b"?")
            self._folder.files.rm_file(path)

    def size_bytes(self, name: str) -> int:
        """As the service says it."""
        with storage_errors(name, ArtifactsUnavailable), suppress(FileNotFoundError):
            return int(self._folder.files.info(self._path(name))["size"])
        return 0

    def remove(self, name: str) -> int:
        """Remove it, unless somebody else just did."""
        size_bytes = self.size_bytes(name)
        with storage_errors(name, ArtifactsUnavailable), suppress(FileNotFoundError):
            self._folder.files.rm_file(self._path(name))
        return size_bytes

    def _path(self, name: str) -> str:
        return self._folder.inside(place_of(name))

    def sweep(self, known: Known, *, older_than_seconds: float) -> int:
        """Remove old files that the ledger does not know."""
        before = time.time() - older_than_seconds
        with storage_errors(self._folder.address, ArtifactsUnavailable):
            files = self._folder.files
            found = iter(files.find(self._folder.path, maxdepth=2))
            return sweep_files(
                found, known, lambda path: files.modified(path).timestamp() < before, files.rm_file
            )
