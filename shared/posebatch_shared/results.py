"""What a finished job leaves behind: video facts, tracker facts, analysis, timings, artifacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posebatch_shared.versions import ANALYSIS_VERSION

#: The metrics of a jump that are instants of the clip's own clock; other times are durations.
INSTANTS = ("touchdown_seconds", "takeoff_seconds", "landing_seconds")


def of_older_analysis(analysis: Mapping[str, Any]) -> bool:
    """Whether `reanalyze` would renew its numbers. Those of a newer one are left to a newer one."""
    return int(analysis.get("version", 0)) < int(ANALYSIS_VERSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInfo:
    """A video as a player shows it (width and height after rotation)."""

    width: int
    height: int
    fps: float  #: frames per second of true time between frames (median)
    frames: int | None  #: None until they are counted
    duration_seconds: float
    rotation_degrees: int  #: clockwise turn that makes the stored picture upright
    codec: str
    extra: Mapping[str, Any] = field(default_factory=dict)  #: reflection, HDR, bit depth, …


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerInfo:
    """What really ran: proved after the session was created, not what was asked for."""

    name: str
    model: str
    model_sha256: str
    device: str
    provider: str
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTiming:
    """Seconds and calls of one stage. Children of a stage add up to at most the stage itself.

    The root `job` is the wall time of the attempt; other roots (decoder, queue_wait, model_load)
    ran beside or before it and do not count towards it.
    """

    stage: str
    parent: str | None
    seconds: float
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """Addresses of the files of a result."""

    keypoints: str | None = None
    overlay: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """All that `complete` commits in one transaction."""

    content_hash: str
    pipeline_hash: str
    video_info: VideoInfo
    tracker: TrackerInfo
    analysis: Mapping[str, Any]
    artifacts: Artifacts
    timings: tuple[StageTiming, ...]
    frames_tracked: int
    cache_hit: bool = False
