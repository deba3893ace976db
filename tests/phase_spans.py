"""The named phases of an analysed course, by name."""

from __future__ import annotations

import trajectories
from posebatch_workers.analysis import Analysis, analyse


def analysed(course: trajectories.Course, **options: object) -> Analysis:
    return analyse(trajectories.sequence(course, fps=120, noise_px=1.5), **options)  # type: ignore[arg-type]


def spans(analysis: Analysis, rep: int = 1) -> dict[str, tuple[float, float]]:
    return {
        phase.name: (phase.start_seconds, phase.end_seconds)
        for phase in analysis.phases
        if phase.rep == rep
    }
