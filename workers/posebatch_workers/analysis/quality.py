"""How far the numbers can be trusted, and what is wrong with the clip."""

from __future__ import annotations

import numpy as np

from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.findings import Level, Quality
from posebatch_workers.analysis.motion import Motion


def judge(motion: Motion, found: list[Flight]) -> Quality:
    """Score, parts and warnings of one clip."""
    feet = [motion.nodes.index(node) for node in motion.foot_nodes]
    parts = {
        "visibility": float(np.clip(motion.visibility[:, feet].mean(), 0, 1)),
        "frame_rate": float(min(1.0, motion.rate_hz / 120)),
        "complete": 1.0 - motion.lost_share,
    }
    score = 100 * float(np.mean(list(parts.values())))
    level: Level = "high" if score >= 75 else "medium" if score >= 50 else "low"
    warnings = ("frame rate below 24",) if motion.rate_hz < 23.5 else ()
    return Quality(score=score, level=level, parts=parts, warnings=warnings)
