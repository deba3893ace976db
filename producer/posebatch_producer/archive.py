"""Which videos an archive holds: files, folders and globs turned into root + relative path."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from posebatch_shared.errors import FileNotFound, FileUnreadable, UsageError
from posebatch_shared.file_names import stored
from posebatch_shared.jobs import VideoRef
from posebatch_shared.storage import RemoteFolder, is_remote, open_remote, storage_errors

#: What counts as a video when a folder is searched; a file named by hand is always taken.
VIDEO_SUFFIXES = (
    frozenset({".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".mkv", ".webm"})
    | {".avi", ".divx", ".wmv", ".asf", ".flv", ".f4v", ".ogv", ".mxf"}
    | {".mts", ".m2ts", ".m2t", ".ts", ".mod", ".tod", ".dv"}  # camcorders
    | {".mpg", ".mpeg", ".mpe", ".vob"}  # discs
)
#: Those that programmers use too, for TypeScript and the modules of Go.
_SHARED_SUFFIXES = frozenset({".ts", ".mts", ".mod"})
_HEAD_BYTES = 8000
#: What is wrong with arguments under which there is none.
NO_VIDEOS = "no videos there; name files, or folders that hold some"


def check_arguments(arguments: Iterable[str]) -> None:
    """Raise before anything starts if an argument names nothing. Errors: FileNotFound."""
    for argument in arguments:
        if not is_remote(argument) and not any(Path(top).exists() for top in _tops(argument)):
            raise FileNotFound(f"{argument}: no such file, folder or match")


def scan(arguments: Iterable[str], mounts: Mapping[str, str]) -> Iterator[VideoRef]:
    """Every video under the arguments once, folders in name order, lazily.

    Errors: FileNotFound, UsageError where a path lies under no root.
    """
    seen: set[str] = set()
    for argument in arguments:
        refs = (
            _scan_remote(argument, mounts) if is_remote(argument) else _scan_local(argument, mounts)
        )
        for ref in refs:
            key = f"{ref.root}:{ref.path}"
            if key not in seen:
                seen.add(key)
                yield ref


def _scan_local(argument: str, mounts: Mapping[str, str]) -> Iterator[VideoRef]:
    roots = {name: Path(mount).resolve() for name, mount in mounts.items() if not is_remote(mount)}
    for path in _files(argument):
        yield _reference(Path(os.path.abspath(path)), roots)  # noqa: PTH100 - keeps links as named


def _files(argument: str) -> Iterator[str]:
    """Links that lead nowhere, pipes and devices are passed over."""
    for top in _tops(argument):
        if Path(top).is_file():
            yield top
        elif Path(top).is_dir():
            yield from _walk(top)


def _tops(argument: str) -> list[str]:
    return [argument] if Path(argument).exists() else _matches(argument)


def _walk(folder: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"cannot read the folder {folder}: {error.strerror}") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif _has_suffix_of_a_video(entry.name) and entry.is_file() and not _is_text(entry.path):
            yield entry.path


def _is_text(path: str) -> bool:
    """Whether a file whose suffix does not tell holds words: no zero byte at its head, as git asks.

    Transport streams and discs begin with some. What is empty, damaged or cannot be read stays: the
    worker names it.
    """
    if Path(path).suffix.lower() not in _SHARED_SUFFIXES:
        return False
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    return bool(head) and b"\0" not in head


def _matches(pattern: str) -> list[str]:
    return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - takes absolute patterns too


def _reference(path: Path, roots: Mapping[str, Path]) -> VideoRef:
    inside = {name: root for name, root in roots.items() if path.is_relative_to(root)}
    if not inside:
        raise UsageError(f"{path} lies under none of the roots {sorted(roots)}")
    name = max(inside, key=lambda root: len(inside[root].parts))
    found = path.stat()
    return VideoRef(
        root=name,
        path=stored(path.relative_to(inside[name]).as_posix()),
        size_bytes=found.st_size,
        mtime_ns=found.st_mtime_ns,
    )


def _scan_remote(address: str, mounts: Mapping[str, str]) -> Iterator[VideoRef]:
    name, folder = _remote_root(address, mounts)
    with storage_errors(address, FileUnreadable):
        named = folder.inside(address.removeprefix(folder.address).strip("/"))
        for path, details in _remote_files(folder, named):
            yield VideoRef(
                root=name,
                path=stored(path.removeprefix(folder.path).lstrip("/")),
                size_bytes=int(details["size"]),
                mtime_ns=folder.modified_ns(path),
            )


def _remote_root(address: str, mounts: Mapping[str, str]) -> tuple[str, RemoteFolder]:
    inside = {
        name: mount.rstrip("/")
        for name, mount in mounts.items()
        if is_remote(mount) and f"{address}/".startswith(f"{mount.rstrip('/')}/")
    }
    if not inside:
        raise UsageError(
            f"{address} lies under no root; name it in POSEBATCH_ROOTS, e.g. cloud={address}"
        )
    name = max(inside, key=lambda root: len(inside[root]))
    return name, open_remote(inside[name])


def _remote_files(folder: RemoteFolder, named: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The file of that name, whatever its suffix, or the videos in the folder or under matches."""
    for top in [named] if folder.files.exists(named) else _remote_matches(folder, named):
        for path, details in sorted(folder.files.find(top, detail=True).items()):
            inside = path.removeprefix(top)
            if details["type"] == "file" and (not inside or _is_a_video(inside)):
                yield path, details


def _is_a_video(inside: str) -> bool:
    return not _is_hidden(inside) and _has_suffix_of_a_video(inside)


def _remote_matches(folder: RemoteFolder, pattern: str) -> list[str]:
    return sorted(m for m in folder.files.glob(pattern) if not _is_hidden(Path(m).name))


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _has_suffix_of_a_video(path: str) -> bool:
    return Path(path).suffix.lower() in VIDEO_SUFFIXES
