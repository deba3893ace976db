"""Which cores are idle, and how many of them a decoder takes."""

from __future__ import annotations

import os
from pathlib import Path

#: Each costs 3 to 8 % more processor time in all, and a few pictures of memory.
MOST_THREADS = 4
_LOAD = Path("/proc/loadavg")


def idle_cores(load: Path = _LOAD) -> int:
    """Those that nobody wants at this moment, this thread included; none where the system does not
    tell.

    Linux counts all threads that want a core before the slash in the fourth field of /proc/loadavg.
    """
    try:
        running = int(load.read_text().split()[3].partition("/")[0])
        return max(0, len(os.sched_getaffinity(0)) - running)
    except (OSError, AttributeError):
        return 0


def fitting_threads(load: Path = _LOAD) -> int:
    """One where clips share the cores; where one runs alone, one for each idle core, as the tracker
    has this one; at most four."""
    return min(MOST_THREADS, max(1, idle_cores(load)))
