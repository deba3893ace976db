"""How many threads a decoder gets: one where clips share the cores, more where one runs alone."""

from __future__ import annotations

import os
from pathlib import Path

#: Each costs 3 to 8 % more processor time in all, and a few pictures of memory.
MOST_THREADS = 4
_LOAD = Path("/proc/loadavg")


def fitting_threads(load: Path = _LOAD) -> int:
    """One for each core that is idle now but one, which the tracker needs; one to four.

    One where the system does not tell who runs. Linux counts all threads that want a core at this
    moment, the caller's included, before the slash in the fourth field of /proc/loadavg.
    """
    try:
        running = int(load.read_text().split()[3].partition("/")[0])
        cores = len(os.sched_getaffinity(0))
    except (OSError, AttributeError):
        return 1
    return min(MOST_THREADS, max(1, cores - running))
