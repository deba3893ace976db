"""Which files among artifacts are ours, and how those that nobody knows are removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from posebatch_shared.artifact_addresses import file_name

#: Names with this ending are still being written; nobody reads them.
PARTIAL = ".partial"

#: The names that workers give (content, pipeline, job, token; once without the job), while being
#: written and after; nothing else is ever removed.
_OURS = re.compile(
    r"\.?[0-9a-f]{16}-[0-9a-f]{16}(-\d+){1,2}\.(keypoints\.parquet|overlay\.mp4)(\.[0-9a-f]{8}\.partial)?"
    r"|check-[0-9a-f]{16}\.partial"
)
_SWEEP_BATCH = 100

#: Says which of these names the ledger knows, wherever it has them.
Known = Callable[[Sequence[str]], Collection[str]]


def sweep_files(
    found: Iterator[str],
    known: Known,
    is_old: Callable[[str], bool],
    remove: Callable[[str], None],
) -> int:
    """Remove what is old, ours and not known; returns how many."""
    ours = (path for path in found if _OURS.fullmatch(file_name(path)))
    removed = 0
    while batch := list(islice(ours, _SWEEP_BATCH)):
        kept = set(known([file_name(path) for path in batch]))
        for path in batch:
            with suppress(FileNotFoundError):  # renamed by its writer, or swept by another
                if file_name(path) not in kept and is_old(path):
                    remove(path)
                    removed += 1
    return removed
