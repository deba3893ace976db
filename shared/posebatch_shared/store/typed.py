"""What people and files say, as a statement can carry it."""

from __future__ import annotations

#: No database of ours counts further.
LAST_ID = (1 << 63) - 1


def countable(number: int) -> int:
    """The id, or one that no row has where a database could not count to it."""
    return max(-1, min(number, LAST_ID))


def storable(text: str) -> str:
    """Without NUL (Postgres has no such text) and lone surrogates (not UTF-8)."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
