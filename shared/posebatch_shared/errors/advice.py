"""What an error code stands for and what to do about it, from the one list of errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from posebatch_shared.errors.base import PosebatchError


def advice_for(code: str) -> str:
    """The sentence for people, empty for a code of another version."""
    kind = errors_by_code().get(code)
    return kind.advice if kind else ""


@cache
def errors_by_code() -> Mapping[str, type[PosebatchError]]:
    """All codes of ours. What the root says of `internal` is for commands, not for a job."""
    found: dict[str, type[PosebatchError]] = {}
    waiting: list[type[PosebatchError]] = [PosebatchError]
    while waiting:
        kind = waiting.pop()
        if "code" in vars(kind):
            found[kind.code] = kind
        waiting += kind.__subclasses__()
    return found
