"""How many trackers this machine runs best side by side, as `posebatch bench tune` found out."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = "tuning.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Tracker processes of a CPU worker, and the threads of one inference in each."""

    processes: int
    threads: int = 1


def usable_cpus() -> int:
    """CPUs that this process may use: its affinity, and the quota of its container."""
    count = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    quota = Path("/sys/fs/cgroup/cpu.max")
    if quota.exists():
        share, period = quota.read_text().split()[:2]
        if share != "max":
            count = min(count, -(-int(share) // int(period)))
    return max(1, count)


def tuning(home: Path) -> Tuning:
    """What was measured on this machine; else, or if it was another one, a process per core."""
    try:
        stored = json.loads((home / _FILE).read_text())
        if stored["machine"] == _machine():
            return Tuning(**stored["tuning"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # never measured, or not by this release
    return Tuning(processes=usable_cpus())


def keep_tuning(home: Path, found: Tuning) -> Path:
    """Remember `found` for this machine; returns where."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / _FILE
    path.write_text(json.dumps({"machine": _machine(), "tuning": asdict(found)}, indent=2) + "\n")
    return path


def _machine() -> list[object]:
    return [platform.machine(), platform.processor(), usable_cpus()]
