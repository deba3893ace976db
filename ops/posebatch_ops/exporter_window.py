"""Which rows are new, when one that commits late carries an earlier time than those seen before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

#: No transaction of ours takes longer from its statement to its commit.
OVERLAP_MS = 60_000

Row = TypeVar("Row")


class Window(Generic[Row]):
    """Hands out each row since the start once, although every look goes back over the last minute.

    `key` tells rows apart, `at_ms` says when they happened.
    """

    def __init__(
        self,
        *,
        start_ms: int,
        key: Callable[[Row], Hashable],
        at_ms: Callable[[Row], int],
    ) -> None:
        self._start_ms = self._latest_ms = start_ms
        self._key = key
        self._at_ms = at_ms
        self._seen: dict[Hashable, int] = {}

    @property
    def since_ms(self) -> int:
        """From when on to look."""
        return max(self._start_ms, self._latest_ms - OVERLAP_MS)

    def fresh(self, rows: Iterable[Row]) -> list[Row]:
        """Those that were not noted before."""
        return [row for row in rows if self._key(row) not in self._seen]

    def note(self, rows: Iterable[Row]) -> None:
        """These have been counted."""
        self._seen.update((self._key(row), self._at_ms(row)) for row in rows)
        self._latest_ms = max([self._latest_ms, *self._seen.values()])
        self._seen = {key: at for key, at in self._seen.items() if at >= self.since_ms}
