"""Where the files of results lie: a local folder, or whatever fsspec reaches (s3://…)."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import unquote, urlsplit

from posebatch_shared.errors import ArtifactsUnavailable
from posebatch_shared.storage import (
    RemoteFolder,
    check_room,
    is_remote,
    open_remote,
    storage_errors,
)

#: Names with this ending are still being written; nobody reads them.
PARTIAL = ".partial"

_SWEEP_BATCH = 500

#: Says which of these addresses the ledger knows.
Known = Callable[[Sequence[str]], Collection[str]]


class ArtifactStore(Protocol):
    """Keeps files under names that are never reused for other bytes."""

    def put(self, local_path: Path, name: str) -> str:
        """Copy a file in under `name`; readers see all of it or nothing. Returns its address.

        Errors: DiskFull, ArtifactsUnavailable.
        """

    def check(self) -> None:
        """Pass if a file could be put here now. Errors: DiskFull, ArtifactsUnavailable."""

    def sweep(self, known: Known, *, older_than_seconds: float) -> int:
        """Remove files that the ledger does not know and that nobody may still be writing.

        Returns how many. Errors: ArtifactsUnavailable.
        """


def open_artifacts(url: str) -> ArtifactStore:
    """The store at a folder's path, a file:// address, or an fsspec address. Does not connect.

    Errors: NotInstalled, UsageError.
    """
    folder = _local(url)
    return RemoteArtifacts(open_remote(url)) if folder is None else FolderArtifacts(folder)


def open_artifact(uri: str) -> IO[bytes]:
    """Read a file by the address that `put` gave it. Errors: ArtifactsUnavailable, NotInstalled."""
    with storage_errors(uri, ArtifactsUnavailable):
        path = _local(uri)
        if path is not None:
            return path.open("rb")
        remote = open_remote(uri)
        opened: IO[bytes] = remote.files.open(remote.path, "rb")
        return opened


def _local(url: str) -> Path | None:
    """The path that a path or a file:// address names."""
    if url.startswith("file://"):
        return Path(unquote(urlsplit(url).path)).absolute()
    return None if is_remote(url) else Path(url).absolute()


class FolderArtifacts:
    """Files in a folder, spread over subfolders by the first two letters of their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, local_path: Path, name: str) -> str:
        """Copy, flush to disk, rename."""
        target = self._folder / name[:2] / name
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

    def sweep(self, known: Known, *, older_than_seconds: float) -> int:
        """Remove old files that the ledger does not know."""
        before = time.time() - older_than_seconds
        with storage_errors(str(self._folder), ArtifactsUnavailable):
            old = (path for path in self._files() if path.stat().st_mtime < before)
            return _sweep((path.as_uri() for path in old), known, self._remove)

    def _files(self) -> Iterator[Path]:
        return (path for path in self._folder.glob("??/*") if path.is_file())

    @staticmethod
    def _remove(uri: str) -> None:
        Path(unquote(urlsplit(uri).path)).unlink(missing_ok=True)


class RemoteArtifacts:
    """Files behind fsspec."""

    def __init__(self, folder: RemoteFolder) -> None:
        self._folder = folder

    def put(self, local_path: Path, name: str) -> str:
        """Upload under a temporary name, then rename."""
        with storage_errors(name, ArtifactsUnavailable):
            files = self._folder.files
            target = self._folder.inside(f"{name[:2]}/{name}")
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

    def sweep(self, known: Known, *, older_than_seconds: float) -> int:
        """Remove old files that the ledger does not know."""
        before = time.time() - older_than_seconds
        with storage_errors(self._folder.address, ArtifactsUnavailable):
            files = self._folder.files
            old = (
                files.unstrip_protocol(path)
                for path in files.find(self._folder.path)
                if files.modified(path).timestamp() < before
            )
            return _sweep(old, known, files.rm_file)


def _sweep(uris: Iterator[str], known: Known, remove: Callable[[str], None]) -> int:
    removed = 0
    while batch := list(islice(uris, _SWEEP_BATCH)):
        kept = set(known(batch))
        for uri in batch:
            if uri not in kept:
                remove(uri)
                removed += 1
    return removed
