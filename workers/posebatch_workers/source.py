"""Where a job's file lies on this machine, and whether it is still the file that was submitted."""

from __future__ import annotations

import hashlib
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from posebatch_shared.errors import (
    EmptyFile,
    FileChanged,
    FileNotFound,
    FileUnreadable,
    NotAVideo,
    PathOutsideRoot,
)
from posebatch_shared.file_names import on_disk
from posebatch_shared.jobs import VideoRef
from posebatch_shared.storage import is_remote, open_remote, storage_errors
from posebatch_workers.timing import StageTimer


@contextmanager
def local_file(
    video: VideoRef, mounts: Mapping[str, str], *, scratch: Path, timer: StageTimer
) -> Iterator[Path]:
    """The file on a local disk; fetched into `scratch` if its root is an fsspec address.

    Looked at before and after, so that no file is hashed as one clip and read as another.

    Errors: FileNotFound, PathOutsideRoot, FileUnreadable, FileChanged, EmptyFile, NotAVideo; for a
    remote one DiskFull.
    """
    if video.root not in mounts:
        raise FileNotFound(f"root {video.root!r} is not mapped on this machine")
    mount = mounts[video.root]
    if is_remote(mount):
        with tempfile.TemporaryDirectory(prefix="fetched-", dir=scratch) as folder:
            with timer.stage("fetch"):
                path = _fetched(mount, video, Path(folder))
            yield path
    else:
        path = _resolved(Path(mount), on_disk(video.path))
        _check_unchanged(path, video)
        yield path
        with suppress(FileNotFound, FileUnreadable):  # gone since: what was read is what it was
            _check_unchanged(path, video)


def content_hash(path: Path) -> str:
    """sha256 of the bytes. Errors: FileUnreadable."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileUnreadable(f"{path.name}: {error.strerror}") from error


def _resolved(mount: Path, relative: str) -> Path:
    root = mount.resolve()
    path = (root / relative).resolve()
    if not path.is_relative_to(root):
        raise PathOutsideRoot(f"{relative} leads out of its root")
    return path


def _check_unchanged(path: Path, video: VideoRef) -> None:
    try:
        found = path.stat()
    except FileNotFoundError:
        raise FileNotFound(f"{video.place} is not there (any more)") from None
    except OSError as error:
        raise FileUnreadable(f"{video.place}: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise NotAVideo(f"{video.place} is not a regular file")
    _check_same(video, size_bytes=found.st_size, mtime_ns=found.st_mtime_ns)


def _check_same(video: VideoRef, *, size_bytes: int, mtime_ns: int) -> None:
    if (size_bytes, mtime_ns) != (video.size_bytes, video.mtime_ns):
        raise FileChanged(f"{video.place} is not the file that was submitted")
    if size_bytes == 0:
        raise EmptyFile(f"{video.place} has no bytes")


def _fetched(mount: str, video: VideoRef, folder: Path) -> Path:
    """A copy of the remote file. Errors: those of local_file, DiskFull."""
    if ".." in Path(video.path).parts:
        raise PathOutsideRoot(f"{video.path} leads out of its root")
    path = folder / f"clip{Path(video.path).suffix[:16]}"  # names in a bucket may be longer
    with storage_errors(video.path, FileUnreadable):
        remote = open_remote(mount)
        source = remote.inside(on_disk(video.path))
        try:
            written_ns = remote.modified_ns(source)
            remote.files.get_file(source, str(path))
        except FileNotFoundError:
            raise FileNotFound(f"{video.path} is not in {mount}") from None
        known_ns = written_ns if video.mtime_ns else 0  # some storage keeps no times
        _check_same(video, size_bytes=path.stat().st_size, mtime_ns=known_ns)
    return path
