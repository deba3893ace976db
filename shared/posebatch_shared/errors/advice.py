"""What to do about an error code, from the one list of errors."""

from __future__ import annotations

from functools import cache

from posebatch_shared.errors.base import PosebatchError


def advice_for(code: str) -> str:
    """The sentence for people, empty for a code of another version."""
    return _advice().get(code, "")


@cache
def _advice() -> dict[str, str]:
    found: dict[str, str] = {}
    waiting: list[type[PosebatchError]] = [PosebatchError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind.advice)
        waiting += kind.__subclasses__()
    return found
