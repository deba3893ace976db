"""When a player shows a frame: seconds from the start of presentation, strictly growing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from av.format import Flags

#: Containers whose timestamps count from the start of presentation, as FFmpeg names them.
_FROM_ZERO = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi")
_MICROSECOND = Fraction(1, 1_000_000)
#: A step back by more, or ahead by more, is a new recording behind the last one and no pause or
#: mistake: what FFmpeg's own command takes for one.
_BACK_SECONDS, _AHEAD_SECONDS = 0.1, 10.0


def restarts(container: Any) -> bool:
    """Whether timestamps may begin anew in the middle, as where recordings were put together."""
    return bool(container.format.flags & Flags.ts_discont.value)


class Clock:
    """Turns timestamps of one stream into seconds.

    Zero is where a player's clock starts: MP4, MOV, Matroska and AVI have a timeline of their own,
    in others it is the first stream; and the video itself where that starts earlier still. The
    demultiplexer has applied the edit lists. Where timestamps begin anew, the next frame follows at
    the nominal rate, as in a player, and `restarted` says so. Where a picture is read as several
    `fields`, timestamps count in as many parts of the stream's ticks.
    """

    def __init__(self, container: Any, stream: Any, *, fields: int = 1) -> None:
        self.time_base: Fraction = stream.time_base / fields
        self._tick_seconds = float(self.time_base)
        self._origin_ticks = float(_origin(container, stream) / self.time_base)
        self._intervals: Counter[int] = Counter()
        self._last: int | None = None
        self._restarts, self._shift = restarts(container), 0
        rate = stream.guessed_rate or stream.average_rate or Fraction(25)
        self._step: int = max(1, round(1 / (rate * fields * self.time_base)))

    def seconds(self, pts: int) -> float:
        """The time of a timestamp."""
        return (pts - self._origin_ticks) * self._tick_seconds

    def ticks(self, seconds: float) -> int:
        """The timestamp of a time: what a seek asks for."""
        return round(seconds / self._tick_seconds + self._origin_ticks)

    def advance(self, pts: int | None) -> float | None:
        """The time of the next frame in presentation order.

        None for a frame that a player never shows: its time does not come after the last one's. A
        frame without a timestamp follows the last one at the nominal rate.
        """
        if pts is None:
            pts = 0 if self._last is None else self._last + self._step
        elif self._last is not None:
            pts = self._carried_on(pts, self._last)
        if self._last is not None:
            if pts <= self._last:
                return None
            self._intervals[pts - self._last] += 1
        self._last = pts
        return self.seconds(pts)

    def _carried_on(self, pts: int, last: int) -> int:
        """The timestamp as if those that began anew had gone on."""
        pts += self._shift
        ahead_seconds = (pts - last) * self._tick_seconds
        if self._restarts and not -_BACK_SECONDS <= ahead_seconds <= _AHEAD_SECONDS:
            self._shift += last + self._step - pts
            return last + self._step
        return pts

    @property
    def restarted(self) -> bool:
        """Whether timestamps began anew so far: what the header says of the length is void then."""
        return self._shift != 0

    @property
    def end_seconds(self) -> float:
        """When the last frame so far has been shown for the median interval; 0 before any."""
        if self._last is None:
            return 0.0
        return self.seconds(self._last + (median_interval(self._intervals) or self._step))

    @property
    def fps(self) -> float | None:
        """1 / usual time between the frames so far."""
        interval = usual_interval(self._intervals)
        return float(1 / (interval * self.time_base)) if interval else None


def _origin(container: Any, stream: Any) -> Fraction:
    video = stream.start_time * stream.time_base if stream.start_time else Fraction(0)
    if container.format.name in _FROM_ZERO:
        return min(video, Fraction(0))
    first = Fraction(max(container.start_time or 0, 0), 1_000_000)
    # The container's start is rounded to microseconds; the video's own is exact.
    return video if video <= first + _MICROSECOND else first


def intervals(timestamps: Iterable[int]) -> Counter[int]:
    """How often each distance between neighbouring timestamps occurs; order does not matter."""
    ordered = sorted(timestamps)
    return Counter(b - a for a, b in pairwise(ordered) if b > a)


def median_interval(counts: Counter[int]) -> int | None:
    """The lower median distance, None if there is none."""
    half = (counts.total() + 1) // 2
    for interval in sorted(counts):
        half -= counts[interval]
        if half <= 0:
            return interval if counts else None
    return None


def usual_interval(counts: Counter[int]) -> Fraction | None:
    """The mean of those that differ from the median by rounding: 16⅔ where a container that counts
    milliseconds has 16 and 17."""
    median = median_interval(counts)
    if median is None:
        return None
    usual = Counter({n: counts[n] for n in counts if abs(n - median) <= _rounding(median)})
    return Fraction(sum(n * times for n, times in usual.items()), usual.total())


def varies(counts: Counter[int]) -> bool:
    """Whether distances differ by more than a tenth, and by more than the time base rounds."""
    spread = max(counts) - min(counts) if counts else 0
    return spread > 2 * _rounding(median_interval(counts) or 0)


def _rounding(interval: int) -> float:
    return max(1, 0.05 * interval)
