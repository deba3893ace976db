"""A job that nobody waits for, in place of a worker's watch over its lease."""

from __future__ import annotations


class Unwatched:
    """Takes no interest in the progress."""

    def advance(self, frames_done: int, frames_total: int | None) -> None:
        """Do nothing."""
