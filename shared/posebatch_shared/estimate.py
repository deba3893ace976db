"""How long a run still takes, and how sure that is, from what its videos have taken so far.

The work of what is left comes from the work model; it is dealt out to as many lanes as videos went
side by side lately, which also tells how much the last videos, that do not end together, cost. All
times are seconds on one clock.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from posebatch_shared.outlook import Ended, Outlook, Underway, Waiting
from posebatch_shared.work_model import Clip

#: An estimate from fewer ended videos than this is a guess, so none is given.
FEWEST_ENDED = 3
#: How many of the newest ended videos tell how many go side by side now.
RECENT = 40
#: Standard deviations on either side: eight of ten runs end inside the interval.
_DEVIATIONS = 1.2816
#: Spread of the number of videos side by side and of the machine's speed, as a share.
_LANES_SPREAD = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLeft:
    """Seconds until the run ends, with the bounds that hold for eight runs of ten."""

    seconds: float
    low_seconds: float
    high_seconds: float


def time_left(
    ended: Sequence[Ended], underway: Sequence[Underway], waiting: Waiting, *, now_seconds: float
) -> TimeLeft | None:
    """The estimate, or None while too little has ended. `ended` is the newest few hundred."""
    if not waiting.videos and not underway:
        return TimeLeft(seconds=0.0, low_seconds=0.0, high_seconds=0.0)
    if len(ended) < FEWEST_ENDED or (waiting.videos and not waiting.sample):
        return None
    outlook = Outlook.of(ended, underway, waiting, now_seconds)
    rest = [_remaining(job, outlook.seconds, now_seconds) for job in underway]
    lanes = _lanes(ended, underway, now_seconds)
    seconds = _deal_out(rest, [outlook.seconds(clip) for clip in waiting.sample], waiting, lanes)
    spread = math.hypot(outlook.deviation(waiting) / lanes, seconds * _LANES_SPREAD)
    margin = _DEVIATIONS * math.hypot(spread, outlook.deviation_underway(underway) / lanes)
    return TimeLeft(
        seconds=seconds, low_seconds=max(0.0, seconds - margin), high_seconds=seconds + margin
    )


def _remaining(job: Underway, expected: Callable[[Clip], float], now_seconds: float) -> float:
    """Seconds that a running video still takes: from the model, more and more from its progress."""
    elapsed = max(0.0, now_seconds - job.started_seconds)
    whole = expected(job.clip)
    by_model = max(whole - elapsed, whole / 10)
    if not job.progress:
        return by_model
    by_progress = elapsed * (1 - job.progress) / job.progress
    return job.progress * by_progress + (1 - job.progress) * by_model


def _deal_out(
    rest: Sequence[float], sample: Sequence[float], waiting: Waiting, lanes: float
) -> float:
    """Seconds until all is done: what the sample does not show goes evenly to all lanes, then each
    video of the sample to the lane that is free first."""
    number = max(len(rest), round(lanes), 1)
    free = sorted([*rest, *[0.0] * (number - len(rest))])
    unseen = max(0, waiting.videos - len(sample))
    evenly = unseen * sum(sample) / len(sample) / lanes if sample else 0.0
    for seconds in sample[: waiting.videos]:
        heapq.heapreplace(free, free[0] + seconds)
    return evenly + max(free) * (number / lanes if sample else 1.0)


def _lanes(ended: Sequence[Ended], underway: Sequence[Underway], now_seconds: float) -> float:
    """Mean number of videos side by side while any was, since the RECENT-th newest had ended, or
    since a quarter had: workers do not all start at once."""
    by_end = sorted(ended, key=lambda job: job.finished_seconds)
    before = max(len(by_end) // 4, len(by_end) - RECENT)
    since = by_end[before - 1].finished_seconds if before else -math.inf
    spans = sorted(
        [(max(since, job.started_seconds), job.finished_seconds) for job in by_end[before:]]
        + [(max(since, job.started_seconds), now_seconds) for job in underway]
    )
    total = sum(max(0.0, end - start) for start, end in spans)
    busy, reached = 0.0, spans[0][0]
    for start, end in spans:
        busy += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return max(1.0, total / busy) if busy > 0 else 1.0
