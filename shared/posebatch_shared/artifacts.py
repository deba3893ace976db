"""Where the files of results lie: a local folder, or whatever fsspec reaches (s3://…)."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

from posebatch_shared.errors import ArtifactsUnavailable, DiskFull

#: Names with this ending are still being written; nobody reads them.
PARTIAL = ".partial"

_SWEEP_BATCH = 500
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

#: Says which of these addresses the ledger knows.
Known = Callable[[Sequence[str]], Collection[str]]


class ArtifactStore(Protocol):
    """Keeps files under names that are never reused for other bytes."""

    def put(self, local_path: Path, name: str) -> str:
        """Copy a file in under `name`; readers see all of it or nothing. Returns its address.

        Errors: DiskFull, ArtifactsUnavailable.
        """

    def open(self, uri: str) -> IO[bytes]:
        """Read a file by its address. Errors: ArtifactsUnavailable."""

    def sweep(self, known: Known, *, older_than_seconds: float) -> int:
        """Remove files that the ledger does not know and that nobody may still be writing.

        Returns how many. Errors: ArtifactsUnavailable.
        """


def open_artifacts(url: str) -> ArtifactStore:
    """The store at a folder's path, a file:// address, or an fsspec address. Does not connect."""
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        return FolderArtifacts(Path(unquote(parts.path)).absolute())
    return RemoteArtifacts(url)


class FolderArtifacts:
    """Files in a folder, spread over subfolders by the first two letters of their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, local_path: Path, name: str) -> str:
        """Copy, flush to disk, rename."""
        target = self._folder / name[:2] / name
        partial = target.with_name(f".{name}.{secrets.token_hex(4)}{PARTIAL}")
        with _translated(name):
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

    def open(self, uri: str) -> IO[bytes]:
        """Read a file by its address."""
        with _translated(uri):
            return Path(unquote(urlsplit(uri).path)).open("rb")

    def sweep(self, known: Known, *, older_than_seconds: float) -> int:
        """Remove old files that the ledger does not know."""
        before = time.time() - older_than_seconds
        with _translated(str(self._folder)):
            old = (path for path in self._files() if path.stat().st_mtime < before)
            return _sweep((path.as_uri() for path in old), known, self._remove)

    def _files(self) -> Iterator[Path]:
        return (path for path in self._folder.glob("??/*") if path.is_file())

    @staticmethod
    def _remove(uri: str) -> None:
        Path(unquote(urlsplit(uri).path)).unlink(missing_ok=True)


class RemoteArtifacts:
    """Files behind fsspec."""

    def __init__(self, url: str) -> None:
        self._url = url

    def put(self, local_path: Path, name: str) -> str:
        """Upload under a temporary name, then rename."""
        with _translated(name):
            files, folder = self._open()
            target = f"{folder}/{name[:2]}/{name}"
            partial = f"{target}.{secrets.token_hex(4)}{PARTIAL}"
            files.makedirs(target.rpartition("/")[0], exist_ok=True)
            try:
                files.put_file(str(local_path), partial)
                files.mv(partial, target)
            except BaseException:
                with suppress(OSError):
                    files.rm(partial)
                raise
            return str(files.unstrip_protocol(target))

    def open(self, uri: str) -> IO[bytes]:
        """Read a file by its address."""
        with _translated(uri):
            opened: IO[bytes] = self._open()[0].open(uri, "rb")
            return opened

    def sweep(self, known: Known, *, older_than_seconds: float) -> int:
        """Remove old files that the ledger does not know."""
        before = time.time() - older_than_seconds
        with _translated(self._url):
            files, folder = self._open()
            old = (
                files.unstrip_protocol(path)
                for path in files.find(folder)
                if files.modified(path).timestamp() < before
            )
            return _sweep(old, known, files.rm)

    def _open(self) -> tuple[Any, str]:
        import fsspec

        files, folder = fsspec.core.url_to_fs(self._url)
        return files, folder.rstrip("/")


def _sweep(uris: Iterator[str], known: Known, remove: Callable[[str], None]) -> int:
    removed = 0
    while batch := list(islice(uris, _SWEEP_BATCH)):
        kept = set(known(batch))
        for uri in batch:
            if uri not in kept:
                remove(uri)
                removed += 1
    return removed


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(f"no room for {what}") from error
        raise ArtifactsUnavailable(f"{what}: {error}") from error
