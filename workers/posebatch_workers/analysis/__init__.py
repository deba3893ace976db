"""From poses to jumps: pure functions over arrays."""

from __future__ import annotations

from posebatch_workers.analysis.analyse import analyse
from posebatch_workers.analysis.bias import TrackerBias, bias_of
from posebatch_workers.analysis.findings import Analysis, Jump, Kind, Phase, Quality, Series

__all__ = [
    "Analysis",
    "Jump",
    "Kind",
    "Phase",
    "Quality",
    "Series",
    "TrackerBias",
    "analyse",
    "bias_of",
]
