"""How far the numbers can be trusted: one score of named parts."""

from __future__ import annotations

import numpy as np

from posebatch_workers.analysis.events import Flight
from posebatch_workers.analysis.findings import Level, Quality
from posebatch_workers.analysis.motion import Motion

#: A flight time whose errors have this scale has a precision of 1/e.
COARSE_SECONDS = 0.030
#: Feet that are this visible on average (0–1) are visible enough.
CLEARLY_VISIBLE = 0.7
#: What a flight is worth that was seen too badly to be believed: it may be any.
REFUSED_SECONDS = 0.05
#: What each warning takes away.
WARNING_FACTOR = 0.9


def judge(motion: Motion, flights: list[Flight], warnings: list[str], *, refused: bool) -> Quality:
    """Score, level, parts and warnings of one clip; `refused` says that a flight was not believed.

    The parts are 0–1 and the score is 100 times their product, so that it falls with each of them;
    precision, from the expected error of the flight times, moves it most.
    """
    parts = {
        "feet_visible": min(1.0, motion.feet_visibility() / CLEARLY_VISIBLE),
        "seen_throughout": 1.0 - motion.lost_share,
        "free_of_warnings": WARNING_FACTOR ** len(warnings),
    }
    sds = [flight.sd_seconds for flight in flights] or [REFUSED_SECONDS] * refused
    if sds:
        parts["precision"] = float(np.exp(-np.mean(sds) / COARSE_SECONDS))
    score = 100 * float(np.prod(list(parts.values())))
    return Quality(score=score, level=level_of(score), parts=parts, warnings=tuple(warnings))


def level_of(score: float) -> Level:
    """In words: high from a flight time sure to about ±17 ms (90 %), medium to ±40 ms."""
    return "high" if score >= 75 else "medium" if score >= 50 else "low"
