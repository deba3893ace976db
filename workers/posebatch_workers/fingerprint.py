"""What can change a number: the pipeline half of the cache key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from posebatch_shared.jobs import TrackOptions
from posebatch_shared.results import TrackerInfo

#: Raised by hand whenever reading, tracking or athlete choice changes what comes out.
PIPELINE_VERSION = 4


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """What a result is known by: these bytes, under this pipeline."""

    content_hash: str
    pipeline_hash: str

    def __str__(self) -> str:
        return f"{self.content_hash[:16]}-{self.pipeline_hash[:16]}"
