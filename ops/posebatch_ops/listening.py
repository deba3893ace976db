"""Where a server of ours listens, and what is said if it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from posebatch_shared.errors import UsageError


@contextmanager
def listening(host: str, port: int) -> Iterator[None]:
    """A server takes its address in here. Errors: UsageError if it is taken, or not of this
    machine."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"nothing can listen on {host}:{port}: {error.strerror}") from error
