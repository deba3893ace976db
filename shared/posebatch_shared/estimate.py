"""How long a run still takes, and how sure that is, from what its videos have taken so far.

The work of a video is modelled as a + b · bytes, both fitted to the videos that have ended; what is
left is divided by the number of videos that went side by side. All times are seconds on one clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: An estimate from fewer ended videos than this is a guess, so none is given.
FEWEST_ENDED = 3
#: How many of the newest ended videos tell how many go side by side now.
RECENT = 40
#: Progress from which a running video's whole time can be told.
LEAST_PROGRESS = 0.2
#: Standard deviations on either side: eight of ten runs end inside the interval.
_DEVIATIONS = 1.2816
#: Spread of the number of videos side by side, as a share of it.
_LANES_SPREAD = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A video that needs no more work, and the span of its last attempt."""

    size_bytes: int
    started_seconds: float
    finished_seconds: float

    @property
    def seconds(self) -> float:
        """Wall time of the attempt."""
        return max(0.0, self.finished_seconds - self.started_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A video that a worker holds; `progress` is 0–1, None while its length is unknown."""

    size_bytes: int
    started_seconds: float
    progress: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """All videos that nobody has begun."""

    videos: int
    size_bytes: int


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
    if len(ended) < FEWEST_ENDED:
        return None
    seen = _observations(ended, underway, now_seconds)
    cost = _fit(seen)
    rest = [_remaining(job, cost, now_seconds) for job in underway]
    longest = max(rest, default=0.0)
    if not waiting.videos:
        return _interval(longest, spread_seconds=longest * _relative_spread(seen, cost))
    lanes = _lanes(ended, underway, now_seconds)
    work = cost.of(waiting) + sum(rest)
    # The last videos do not end together: on average half a video per idle lane is lost.
    tail = (1 - 1 / lanes) / 2 * work / (waiting.videos + len(rest))
    seconds = max(longest, work / lanes + tail)
    spread = math.hypot(_work_spread(seen, waiting) / lanes, seconds * _LANES_SPREAD)
    return _interval(seconds, spread_seconds=spread)


#: Bytes and seconds of one video.
_Observation = tuple[int, float]


@dataclass(frozen=True, slots=True)
class _Cost:
    per_video: float
    per_byte: float

    def of(self, waiting: Waiting) -> float:
        return self.per_video * waiting.videos + self.per_byte * waiting.size_bytes

    def of_one(self, size_bytes: int) -> float:
        return self.per_video + self.per_byte * size_bytes


def _observations(
    ended: Sequence[Ended], underway: Sequence[Underway], now_seconds: float
) -> list[_Observation]:
    """Bytes and seconds of ended videos, and of running ones as far as their progress tells.

    Without the running ones, long videos would be missing from the start of every run.
    """
    seen = [(job.size_bytes, job.seconds) for job in ended]
    return seen + [
        (job.size_bytes, (now_seconds - job.started_seconds) / job.progress)
        for job in underway
        if job.progress and job.progress >= LEAST_PROGRESS
    ]


def _fit(seen: Sequence[_Observation]) -> _Cost:
    """Least squares with weights 1/bytes (the scatter grows with the video), neither part < 0."""
    mean_bytes = sum(size for size, _ in seen) / len(seen)
    w = wx = wy = wxx = wxy = 0.0
    for x, y in seen:
        weight = 1 / max(x, mean_bytes / 4, 1.0)
        w, wx, wy = w + weight, wx + weight * x, wy + weight * y
        wxx, wxy = wxx + weight * x * x, wxy + weight * x * y
    determinant = w * wxx - wx * wx
    if determinant <= 1e-9 * w * wxx:
        return _Cost(wy / w, 0.0)
    per_byte = (w * wxy - wx * wy) / determinant
    per_video = (wy - per_byte * wx) / w
    if per_byte < 0:
        return _Cost(sum(y for _, y in seen) / len(seen), 0.0)
    return _Cost(per_video, per_byte) if per_video >= 0 else _Cost(0.0, wy / wx)


def _remaining(job: Underway, cost: _Cost, now_seconds: float) -> float:
    """Seconds that a running video still takes: from the model, more and more from its progress."""
    elapsed = max(0.0, now_seconds - job.started_seconds)
    expected = cost.of_one(job.size_bytes)
    by_model = max(expected - elapsed, expected / 10)
    if not job.progress:
        return by_model
    by_progress = elapsed * (1 - job.progress) / job.progress
    return job.progress * by_progress + (1 - job.progress) * by_model


def _lanes(ended: Sequence[Ended], underway: Sequence[Underway], now_seconds: float) -> float:
    """Mean number of videos side by side while any was, since the RECENT-th newest had ended."""
    by_end = sorted(ended, key=lambda job: job.finished_seconds)
    since = by_end[-RECENT - 1].finished_seconds if len(by_end) > RECENT else -math.inf
    spans = sorted(
        [(max(since, job.started_seconds), job.finished_seconds) for job in by_end[-RECENT:]]
        + [(max(since, job.started_seconds), now_seconds) for job in underway]
    )
    total = sum(max(0.0, end - start) for start, end in spans)
    busy, reached = 0.0, spans[0][0]
    for start, end in spans:
        busy += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return max(1.0, total / busy) if busy > 0 else 1.0


def _work_spread(seen: Sequence[_Observation], waiting: Waiting) -> float:
    """Standard deviation of the waiting work: of the fit (jackknife over ten blocks), and of the
    waiting videos around it."""
    blocks = min(10, len(seen))
    without = [
        _fit([each for place, each in enumerate(seen) if place % blocks != block]).of(waiting)
        for block in range(blocks)
    ]
    mean = sum(without) / blocks
    of_fit = (blocks - 1) / blocks * sum((value - mean) ** 2 for value in without)
    return math.sqrt(of_fit + waiting.videos * _residual(seen, _fit(seen)) ** 2)


def _relative_spread(seen: Sequence[_Observation], cost: _Cost) -> float:
    mean = sum(seconds for _, seconds in seen) / len(seen)
    return _residual(seen, cost) / mean if mean > 0 else 0.0


def _residual(seen: Sequence[_Observation], cost: _Cost) -> float:
    """Standard deviation of one video around the fit, seconds."""
    squares = sum((seconds - cost.of_one(size)) ** 2 for size, seconds in seen)
    return math.sqrt(squares / len(seen))


def _interval(seconds: float, *, spread_seconds: float) -> TimeLeft:
    margin = _DEVIATIONS * spread_seconds
    return TimeLeft(
        seconds=seconds, low_seconds=max(0.0, seconds - margin), high_seconds=seconds + margin
    )
