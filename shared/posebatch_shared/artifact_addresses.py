"""Addresses of artifacts: paths, file:// and whatever fsspec reaches; and where a file lies now."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from posebatch_shared.storage import is_remote, open_remote


def find_artifact(uri: str, artifacts_url: str) -> str:
    """Where a file lies: at the address that `put` gave it (also if it is nowhere, or nobody can
    tell), or under its name among today's artifacts: a home may have moved, a bucket be gone, and
    no two files ever have one name."""
    name = file_name(uri)
    today = f"{artifacts_url.rstrip('/')}/{place_of(name)}"
    today = path.as_uri() if (path := path_of(today)) else today
    return today if uri != today and not _is_seen(uri) and _is_seen(today) else uri


def place_of(name: str) -> str:
    """Where in the artifacts' folder the file of this name is put: no folder gets too full."""
    return f"{name[:2]}/{name}"


def _is_seen(uri: str) -> bool:
    with suppress(Exception):  # what keeps us from looking is told by whoever opens the file
        if path := path_of(uri):
            return path.exists()
        remote = open_remote(uri)
        return bool(remote.files.exists(remote.path))
    return False


def path_of(url: str) -> Path | None:
    """The path that a path or a file:// address names."""
    if url.startswith("file://"):
        return Path(unquote(urlsplit(url).path)).absolute()
    return None if is_remote(url) else Path(url).absolute()


def file_name(path: str) -> str:
    """The last part of an address."""
    return path.rpartition("/")[2]
