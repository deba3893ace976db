"""How far the numbers can be trusted: one score of named parts."""

from __future__ import annotations

import numpy as np

from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.findings import Jump, Level, Quality
from posebatch_workers.analysis.motion import Motion


def judge(
    motion: Motion, flights: list[Flight], jumps: tuple[Jump, ...], warnings: list[str]
) -> Quality:
    """Score, level, parts and warnings of one clip. The parts are 0–1, the score 0–100."""
    feet = [motion.nodes.index(node) for node in motion.foot_nodes]
    parts = {
        "visibility": float(np.clip(motion.visibility[:, feet].mean(), 0, 1)),
        "frame_rate": float(min(1.0, motion.rate_hz / 120)),
        "complete": 1.0 - motion.lost_share,
        "precision": _precision(jumps),
        "agreement": _agreement(flights),
    }
    score = 100 * float(np.mean(list(parts.values())))
    return Quality(score=score, level=level_of(score), parts=parts, warnings=tuple(warnings))


def level_of(score: float) -> Level:
    """In words."""
    return "high" if score >= 75 else "medium" if score >= 50 else "low"


def _precision(jumps: tuple[Jump, ...]) -> float:
    """1 for an interval of no width, 0.5 for one of ±20 ms."""
    if not jumps:
        return 0.0
    halves = [
        (jump.flight_time_interval_seconds[1] - jump.flight_time_interval_seconds[0]) / 2
        for jump in jumps
    ]
    return float(1 / (1 + np.mean(halves) / 0.020))


def _agreement(flights: list[Flight]) -> float:
    """How well the trunk's apex lies in the middle of the feet's events: 0.5 for 20 ms off."""
    if not flights:
        return 0.0
    off = [
        abs(flight.fall.apex_seconds - (flight.takeoff_seconds + flight.landing_seconds) / 2)
        for flight in flights
    ]
    return float(1 / (1 + np.mean(off) / 0.020))
