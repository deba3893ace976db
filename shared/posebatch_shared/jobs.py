"""What a run, a job and a claim are, and which state may follow which."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from posebatch_shared.errors.base import UsageError
from posebatch_shared.file_names import shown
from posebatch_shared.versions import ANALYSIS_VERSION, PIPELINE_VERSION

Device = Literal["gpu", "cpu", "any"]
Preset = Literal["fast", "balanced", "accurate"]
Kind = Literal["auto", "cmj", "squat-jump", "drop-jump", "pose"]

#: What a run may name as its tracker (each worker may be able to start only some of them).
TRACKER_NAMES = (
    *("auto", "blazepose", "blazepose-full", "blazepose-heavy"),
    *("mediapipe", "mediapipe-full", "mediapipe-heavy"),
    *("rtmpose-cpu", "rtmpose-cuda", "rtmpose-tensorrt", "rtmpose-coreml", "rtmpose-rtmdet"),
    "rtmo",
)

#: The same by other names.
TRACKER_ALIASES = {
    "blazepose-lite": "blazepose",
    "mp": "mediapipe",
    "mediapipe-lite": "mediapipe",
    "rtmpose": "rtmpose-cpu",
    "cpu": "rtmpose-cpu",
    "cuda": "rtmpose-cuda",
    "gpu": "rtmpose-cuda",
    "tensorrt": "rtmpose-tensorrt",
    "coreml": "rtmpose-coreml",
    "mps": "rtmpose-coreml",
}

#: How the athlete is chosen among several people, beside `track:N`.
ATHLETE_RULES = ("auto", "largest", "moving", "left", "right")

#: A job whose worker died this often is discarded as the likely cause.
MAX_CRASHES = 3


class JobState(StrEnum):
    """Where a job is; ops/docs/states.md draws the arrows."""

    AVAILABLE = "available"  # waits for a worker (or for its available_at)
    RUNNING = "running"  # a worker holds its lease
    RETRYABLE = "retryable"  # failed in a way that may pass; waits for its available_at
    COMPLETED = "completed"  # its result is in the ledger
    DISCARDED = "discarded"  # given up, with a reason: the dead letter
    CANCELLED = "cancelled"  # a person took it back


TERMINAL = frozenset({JobState.COMPLETED, JobState.DISCARDED, JobState.CANCELLED})
CLAIMABLE = frozenset({JobState.AVAILABLE, JobState.RETRYABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackOptions:
    """What was asked of every video in a run."""

    tracker: str = "auto"
    quality: Preset = "balanced"
    kind: Kind = "auto"
    athlete: str = "auto"  #: auto | largest | moving | left | right | track:N
    slow_motion: float | None = None  #: true frame rate over played; None: detect
    athlete_height_m: float | None = None
    dense: bool = False  #: every frame at full rate, no coarse pass
    overlay: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values, for ledger and messages."""
        return asdict(self)

    def words(self) -> tuple[str, ...]:
        """For people: tracker, quality and kind, and whatever else was asked for."""
        known = {
            f"athlete {self.athlete}": self.athlete != "auto",
            f"athlete height {self.athlete_height_m} m": self.athlete_height_m is not None,
            f"slow motion {self.slow_motion}": self.slow_motion is not None,
            "every frame": self.dense,
            "overlay": self.overlay,
        }
        asked = (text for text, wanted in known.items() if wanted)
        return (f"tracker {self.tracker}", self.quality, f"kind {self.kind}", *asked)

    def digest(self) -> str:
        """sha256 over all that can change a number (so not the overlay)."""
        return self._digest()

    def digest_of_release(self) -> str:
        """The same with the versions of this release, so that no number of another answers."""
        return self._digest(PIPELINE_VERSION, ANALYSIS_VERSION)

    def _digest(self, *versions: int | str) -> str:
        fields = {name: value for name, value in asdict(self).items() if name != "overlay"}
        told = json.dumps([fields, *versions], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def check_athlete(rule: str) -> None:
    """UsageError unless it is one of ATHLETE_RULES, or track:N with N from 1."""
    if rule not in ATHLETE_RULES and not re.fullmatch(r"track:[1-9]\d*", rule):
        names = ", ".join(ATHLETE_RULES)
        raise UsageError(f"no rule {rule!r} for the athlete; use {names} or track:N")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRef:
    """A file as the producer saw it: root name + relative path, size and time."""

    root: str
    path: str  #: POSIX style, relative to the root, as `file_names.stored` writes it
    size_bytes: int
    mtime_ns: int

    @property
    def place(self) -> str:
        """The path as people know it: a whole one where the machine itself is the root."""
        return f"/{self.path}" if self.root == "local" else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoHeader:
    """What a file says of its video before anything is decoded: enough to tell the work ahead."""

    frames: int
    pixels: int  #: in one frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One submission: many jobs under one name and one set of options."""

    run_id: int
    name: str
    options: TrackOptions
    created_at: datetime
    paused: bool = False
    cancelled: bool = False
    force: bool = False  #: recompute even what the cache holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One video to be tracked, as a row."""

    job_id: int
    run_id: int
    video: VideoRef
    device: Device
    priority: int
    state: JobState
    attempt: int
    max_attempts: int
    crashes: int
    token: int
    available_at: datetime
    owner: str | None = None
    lease_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    frames_done: int = 0
    frames_total: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    content_hash: str | None = None
    cache_hit: bool = False
    result_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's hold on a job; every later write names `token` and is refused if it is stale."""

    job: Job
    run: Run
    token: int
    owner: str
    queue_wait_seconds: float

    @property
    def named(self) -> Mapping[str, Any]:
        """What every line of a log says of it."""
        job = self.job
        ids = {"job_id": job.job_id, "run_id": self.run.run_id, "attempt": job.attempt}
        return {**ids, "video": shown(job.video.path)}
