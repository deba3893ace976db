"""How well each landmark was seen, and where the hips were, from a job's keypoint file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

#: Rows read at once, so that memory does not grow with the clip.
_BATCH = 65_536
SEEN = 0.5  #: visibility from which a landmark counts as seen


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkQuality:
    """Mean visibility of a landmark (0–1), and the share of frames in which it was seen."""

    landmark: str
    mean_visibility: float
    seen_share: float


def landmark_quality(file: IO[bytes]) -> Sequence[LandmarkQuality]:
    """One entry per landmark, in the skeleton's order; frames without the athlete count as 0."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    sums: dict[str, list[float]] = {}
    for batch in pq.ParquetFile(file).iter_batches(_BATCH, columns=["landmark", "visibility"]):
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
