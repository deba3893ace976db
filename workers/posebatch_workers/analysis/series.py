"""The few points of the vertical movement that a plot needs."""

from __future__ import annotations

import numpy as np

from posebatch_workers.analysis.findings import Series
from posebatch_workers.analysis.motion import Motion

MOST_POINTS = 400


def series_of(motion: Motion, metres_per_pixel: float | None) -> Series:
    """Hips and lowest foot over the ground of the clip, at most `MOST_POINTS` points."""
    step = max(1, -(-len(motion.seconds) // MOST_POINTS))
    hips, feet = motion.middle("hip")[:, 1], motion.low_foot
    ground = np.percentile(np.mean([motion.track(n)[:, 1] for n in motion.toe_nodes], axis=0), 10)
    unit = metres_per_pixel or 1.0
    return Series(
        unit="m" if metres_per_pixel else "px",
        seconds=motion.seconds[::step].tolist(),
        hip_height=((hips[::step] - ground) * unit).tolist(),
        foot_height=((feet[::step] - np.percentile(feet, 10)) * unit).tolist(),
    )
