"""A video's stored poses, analysed without opening it."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from posebatch_shared.artifacts import read_artifact
from posebatch_shared.errors import ArtifactLost
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.poses import PoseSequence
from posebatch_shared.results import JobResult
from posebatch_workers.analysis import analyse, bias_of
from posebatch_workers.keypoints import read_keypoints

#: What the tracking said beside the poses; another analysis does not change it.
OF_THE_TRACKING = ("athlete", "coverage", "poses")


def analysed_again(
    before: JobResult, options: TrackOptions, artifacts_url: str
) -> Mapping[str, Any]:
    """The result's analysis as this version makes it under these options.

    Errors: ArtifactLost, ArtifactsUnavailable, NotInstalled.
    """
    sequence = _poses(before, artifacts_url)
    analysis = analyse(
        sequence,
        kind=options.kind,
        slow_motion=options.slow_motion,
        athlete_height_m=options.athlete_height_m,
        tracker_bias=bias_of(before.tracker.name),
    )
    kept = {name: before.analysis[name] for name in OF_THE_TRACKING if name in before.analysis}
    return {**analysis.to_json(), **kept}


def _poses(result: JobResult, artifacts_url: str) -> PoseSequence:
    uri = result.artifacts.keypoints
    if uri is None:
        raise ArtifactLost("the result has no keypoints")
    return read_keypoints(BytesIO(read_artifact(uri, artifacts_url)))
