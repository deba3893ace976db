"""How well each landmark was seen, and where the hips were, from a job's keypoint file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from posebatch_shared.artifacts import open_artifact
from posebatch_shared.errors import ArtifactsUnavailable
from posebatch_shared.storage import storage_errors

#: Rows read at once, so that memory does not grow with the clip.
_BATCH = 65_536
SEEN = 0.5  #: visibility from which a landmark counts as seen


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkQuality:
    """Mean visibility of a landmark (0–1), and the share of frames in which it was seen."""

    landmark: str
    mean_visibility: float
    seen_share: float


def landmark_quality(uri: str, artifacts_url: str) -> Sequence[LandmarkQuality]:
    """One entry per landmark, in the skeleton's order; frames without the athlete count as 0.

    Errors: ArtifactsUnavailable, also for a damaged or another kind of file; NotInstalled.
    """
    import pyarrow.parquet as pq

    with storage_errors(uri, ArtifactsUnavailable), open_artifact(uri, artifacts_url) as file:
        return _of_landmarks(pq.ParquetFile(file, page_checksum_verification=True))


def _of_landmarks(file: Any) -> Sequence[LandmarkQuality]:
    import pyarrow.compute as pc

    sums: dict[str, list[float]] = {}
    for batch in file.iter_batches(_BATCH, columns=["landmark", "visibility"]):
        given = batch["visibility"]
        visibility = pc.fill_null(pc.if_else(pc.is_nan(given), 0.0, given), 0.0)
        names = batch["landmark"].cast("string")
        for name in pc.unique(names).to_pylist():
            there = visibility.filter(pc.equal(names, name))
            total = sums.setdefault(name, [0.0, 0.0, 0.0])
            total[0] += len(there)
            total[1] += pc.sum(there).as_py() or 0.0
            total[2] += pc.sum(pc.greater_equal(there, SEEN)).as_py() or 0
    return [
        LandmarkQuality(landmark=name, mean_visibility=total / rows, seen_share=seen / rows)
        for name, (rows, total, seen) in sums.items()
    ]
