"""What to do about an error code, from the one list of errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from posebatch_shared.errors.base import PosebatchError


def advice_for(code: str) -> str:
    """The sentence for people, empty for a code of another version."""
    return advice_by_code().get(code, "")


@cache
def advice_by_code() -> Mapping[str, str]:
    """All codes of ours. What the root says of `internal` is for commands, not for a job."""
    found: dict[str, str] = {}
    waiting: list[type[PosebatchError]] = [PosebatchError]
    while waiting:
        kind = waiting.pop()
        if "code" in vars(kind):
            found[kind.code] = kind.advice
        waiting += kind.__subclasses__()
    return found
