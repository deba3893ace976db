"""What the ledger tells of workers and of what happened, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from posebatch_shared.jobs import Device


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A worker as it last reported itself."""

    name: str  #: gpu@host or cpu@host, with the pid behind it
    device: Device
    host: str
    pid: int
    #: TrackerInfo as plain values; until a tracker is loaded at most `error`, the code of why not
    tracker: Mapping[str, Any]
    started_at: datetime
    seen_at: datetime
    #: load_seconds of its tracker, warm-up included; memory_bytes, peak_memory_bytes;
    #: gpu_utilization (0–1), gpu_memory_bytes
    stats: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of the log of what happened to jobs and runs, and who acted."""

    event_id: int
    at: datetime
    kind: str
    run_id: int | None
    job_id: int | None
    actor: str
    detail: Mapping[str, Any]
