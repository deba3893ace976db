"""How an error is written down: a sentence for people, the traceback for developers."""

from __future__ import annotations

import traceback

from posebatch_shared.errors import PosebatchError
from posebatch_shared.store.typed import storable

_LONGEST_SENTENCE = 1_000
_LONGEST_TRACEBACK = 4_000


def sentence(error: PosebatchError) -> str:
    """What a person reads; never empty, and without characters that a database refuses."""
    return storable(str(error) or error.advice)[:_LONGEST_SENTENCE]


def developer_detail(error: PosebatchError) -> str:
    """The end of the traceback with its causes."""
    return storable("".join(traceback.format_exception(error)))[-_LONGEST_TRACEBACK:]
