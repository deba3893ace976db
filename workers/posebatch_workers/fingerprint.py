"""What can change a number: the pipeline half of the cache key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from posebatch_shared.jobs import TrackOptions
from posebatch_shared.results import TrackerInfo
from posebatch_shared.versions import ANALYSIS_VERSION, PIPELINE_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Every field takes part in the hash; a new field that can change a number belongs here."""

    options_digest: str
    tracker: str
    model_sha256: str
    provider: str
    tracker_versions: tuple[tuple[str, str], ...]
    analysis_version: str
    least_side_px: int
    pipeline_version: int = PIPELINE_VERSION

    def digest(self) -> str:
        """sha256 over all fields."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def describe_pipeline(
    options: TrackOptions, tracker: TrackerInfo, *, analysis_version: str, least_side_px: int
) -> Pipeline:
    """What this worker would do to a video under these options."""
    return Pipeline(
        options_digest=options.digest(),
        tracker=tracker.name,
        model_sha256=tracker.model_sha256,
        provider=tracker.provider,
        tracker_versions=tuple(sorted(tracker.versions.items())),
        analysis_version=analysis_version,
        least_side_px=least_side_px,
    )


def describe_poses(options: TrackOptions, tracker: TrackerInfo, *, least_side_px: int) -> Pipeline:
    """The part of it that poses depend on; the rest of the options is told to the analysis only."""
    plain = replace(options, kind="auto", slow_motion=None, athlete_height_m=None)
    return describe_pipeline(plain, tracker, analysis_version="", least_side_px=least_side_px)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """What a result is known by: these bytes, under this pipeline."""

    content_hash: str
    pipeline_hash: str
    poses_hash: str  #: of what the poses alone depend on

    def __str__(self) -> str:
        return f"{self.content_hash[:16]}-{self.pipeline_hash[:16]}"


def cache_key(
    content_hash: str, options: TrackOptions, tracker: TrackerInfo, *, least_side_px: int
) -> CacheKey:
    """Of a content that this worker is asked for."""
    pipeline = describe_pipeline(
        options, tracker, analysis_version=ANALYSIS_VERSION, least_side_px=least_side_px
    )
    poses = describe_poses(options, tracker, least_side_px=least_side_px)
    return CacheKey(
        content_hash=content_hash, pipeline_hash=pipeline.digest(), poses_hash=poses.digest()
    )
