"""Where the files of results lie: a local folder, or whatever fsspec reaches (s3://…)."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Protocol

from posebatch_shared.artifact_addresses import file_name, find_artifact, path_of
from posebatch_shared.errors import ArtifactsUnavailable
from posebatch_shared.storage import (
    RemoteFolder,
    check_room,
    open_remote,
    storage_errors,
)

#: Names with this ending are still being written; nobody reads them.
PARTIAL = ".partial"

#: The names that workers give, while being written and after; nothing else is ever removed.
_OURS = re.compile(
    r"\.?[0-9a-f]{16}-[0-9a-f]{16}-\d+\.(keypoints\.parquet|overlay\.mp4)(\.[0-9a-f]{8}\.partial)?"
    r"|check-[0-9a-f]{16}\.partial"
)
_SWEEP_BATCH = 100

#: Says which of these names the ledger knows, wherever it has them.
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
            found = (str(path) for path in self._folder.glob("??/*"))
            return _sweep(found, known, lambda path: Path(path).stat().st_mtime < before, os.unlink)


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
            found = iter(files.find(self._folder.path, maxdepth=2))
            return _sweep(
                found, known, lambda path: files.modified(path).timestamp() < before, files.rm_file
            )


def _sweep(
    found: Iterator[str],
    known: Known,
    is_old: Callable[[str], bool],
    remove: Callable[[str], None],
) -> int:
    ours = (path for path in found if _OURS.fullmatch(file_name(path)))
    removed = 0
    while batch := list(islice(ours, _SWEEP_BATCH)):
        kept = set(known([file_name(path) for path in batch]))
        for path in batch:
            with suppress(FileNotFoundError):  # renamed by its writer, or swept by another
                if file_name(path) not in kept and is_old(path):
                    remove(path)
                    removed += 1
    return removed
