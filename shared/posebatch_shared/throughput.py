"""How much is tracked per second and per hour: from completed jobs and those that run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Rates called "now" are means over this many whole buckets.
NOW_BUCKETS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Jobs of one device and tracker that began and ended in these two buckets of time.

    Buckets are whole numbers: seconds since 1970 over the bucket's length. `videos` is 0 for jobs
    that have not ended.
    """

    device: str
    tracker: str
    first_bucket: int
    last_bucket: int
    videos: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """Rates per bucket of time by (device, tracker), oldest first; all lists have one length."""

    bucket_seconds: int
    first_bucket: int
    frames_per_second: Mapping[tuple[str, str], Sequence[float]]
    videos_per_hour: Mapping[tuple[str, str], Sequence[float]]

    @property
    def frames_per_second_now(self) -> float:
        """Over the last NOW_BUCKETS whole buckets, or since work began in them, all devices."""
        return _mean_since_begun(self.frames_per_second, at_most=NOW_BUCKETS)

    @property
    def videos_per_hour_now(self) -> float:
        """Over all whole buckets since the first work in them, all devices."""
        return _mean_since_begun(self.videos_per_hour)


def throughput(
    work: Sequence[Work], *, bucket_seconds: int, buckets: int, now_seconds: float
) -> Throughput:
    """Rates in the last `buckets` buckets; the frames of a job are spread evenly over its span."""
    last = int(now_seconds // bucket_seconds)
    first = last - buckets + 1
    keys = sorted({(row.device, row.tracker) for row in work})
    frames = {key: [0.0] * buckets for key in keys}
    videos = {key: [0.0] * buckets for key in keys}
    for row in work:
        key = (row.device, row.tracker)
        per_bucket = row.frames / (row.last_bucket - row.first_bucket + 1) / bucket_seconds
        for bucket in range(max(first, row.first_bucket), min(last, row.last_bucket) + 1):
            frames[key][bucket - first] += per_bucket
        if first <= row.last_bucket <= last:
            videos[key][row.last_bucket - first] += row.videos * 3600 / bucket_seconds
    return Throughput(
        bucket_seconds=bucket_seconds,
        first_bucket=first,
        frames_per_second=frames,
        videos_per_hour=videos,
    )


def _mean_since_begun(
    rates: Mapping[tuple[str, str], Sequence[float]], at_most: int | None = None
) -> float:
    # The newest bucket has only begun.
    totals: list[float] = [sum(column) for column in zip(*rates.values(), strict=True)][:-1]
    begun = next((place for place, rate in enumerate(totals) if rate), len(totals))
    newest = totals[begun:] if at_most is None else totals[begun:][-at_most:]
    return sum(newest) / max(1, len(newest))
