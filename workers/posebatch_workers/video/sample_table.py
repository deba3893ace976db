"""The index that a container keeps of its frames: how many, how far apart, how many are there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from posebatch_shared.errors import Truncated
from posebatch_workers.video.clock import intervals, median_interval
from posebatch_workers.video.extent import Extent


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTable:
    """What the index of a clip tells without decoding; empty for containers without one."""

    frames: int | None = None
    intervals: Counter[int] | None = None
    missing_share: float = 0.0

    def seconds(self, time_base: Fraction) -> float | None:
        """How long the frames last, the last one for the median interval."""
        if not self.intervals:
            return None
        ticks = sum(interval * n for interval, n in self.intervals.items())
        return float((ticks + (median_interval(self.intervals) or 0)) * time_base)


def read_sample_table(stream: Any, extent: Extent) -> SampleTable:
    """The index of an MP4, MOV or AVI file; in fragmented ones it is not complete, so unused."""
    entries = stream.index_entries
    # MP4 reads its table at once; AVI's comes last, and is built while reading if it is lost.
    whole = extent.family == "mov" or (extent.family == "riff" and len(entries) >= stream.frames)
    if not whole or not stream.frames or not len(entries):
        return SampleTable()
    shown, missing, stamps = 0, 0, []
    for entry in entries:
        stamps.append(entry.timestamp)  # in decoding order, so hidden ones belong to the rhythm
        if entry.is_discard:
            continue
        shown += 1
        missing += entry.pos + entry.size > extent.actual_bytes
    return SampleTable(
        frames=shown, intervals=intervals(stamps), missing_share=missing / shown if shown else 0.0
    )


def check_complete(table: SampleTable, extent: Extent, max_share: float) -> None:
    """Raise Truncated where more than `max_share` of the clip lies beyond the end of the file."""
    missing = table.missing_share if table.frames else extent.missing_share
    if missing > max_share:
        raise Truncated(
            f"{100 * missing:.0f} % of the clip lies beyond the end of the file "
            f"({extent.actual_bytes} of {extent.declared_bytes} bytes are there)"
        )
