"""What the videos that are left are expected to take: most are tracked, some end at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from posebatch_shared.work_model import Clip, Observation, WorkModel

#: Progress from which a running video's whole time can be told.
LEAST_PROGRESS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A video that needs no more work, and the span of its last attempt.

    `tracked` is False for what the cache answered and for what could not be read.
    """

    clip: Clip
    started_seconds: float
    finished_seconds: float
    tracked: bool = True

    @property
    def seconds(self) -> float:
        """Wall time of the attempt."""
        return max(0.0, self.finished_seconds - self.started_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """A video that a worker holds; `progress` is 0–1, None while its length is unknown."""

    clip: Clip
    started_seconds: float
    progress: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Videos that nobody has begun: how many, and clips that stand for all of them, in order."""

    videos: int
    sample: Sequence[Clip]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Short:
    """Videos that end at once, from the cache or unread: their share, and seconds of each."""

    ended: float
    share: float
    seconds: float

    @classmethod
    def of(cls, ended: Sequence[Ended], *, doubt: float = 0.0) -> _Short:
        """`doubt` videos more are taken to have ended, half of them at once."""
        short = [job.seconds for job in ended if not job.tracked]
        number = len(ended) + doubt
        return cls(
            ended=number,
            share=(len(short) + doubt / 2) / number if number else 0.0,
            seconds=sum(short) / max(1, len(short)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a video is expected to take. A header that says nothing often belongs to a file that
    cannot be read, so that those are counted apart."""

    model: WorkModel | None
    told: _Short
    silent: _Short

    @classmethod
    def of(
        cls,
        ended: Sequence[Ended],
        underway: Sequence[Underway],
        waiting: Waiting,
        now_seconds: float,
    ) -> Outlook:
        seen = [Observation(clip=job.clip, seconds=job.seconds) for job in ended if job.tracked]
        # Without the running ones, long videos would be missing from the start of every run.
        seen += [
            Observation(clip=job.clip, seconds=(now_seconds - job.started_seconds) / job.progress)
            for job in underway
            if job.progress and job.progress >= LEAST_PROGRESS
        ]
        told, silent = ([j for j in ended if bool(j.clip.frames) is way] for way in (True, False))
        return cls(
            model=WorkModel(seen, waiting.sample) if seen else None,
            told=_Short.of(told),
            silent=_Short.of(silent, doubt=1.0 if told else 0.0),
        )

    def seconds(self, clip: Clip) -> float:
        """Expected time of a video that nobody has begun."""
        short = self._short(clip)
        if self.model is None:
            return short.seconds
        return short.share * short.seconds + (1 - short.share) * self.model.seconds(clip)

    def deviation(self, waiting: Waiting) -> float:
        """Of the work that waits."""
        if self.model is None or not waiting.videos:
            return 0.0
        each = [self.seconds(clip) for clip in waiting.sample]
        times = waiting.videos / len(each)
        mean = sum(each) / len(each)
        scatter = sum((seconds - mean) ** 2 for seconds in each) / len(each)
        unseen = max(0, waiting.videos - len(each)) * waiting.videos / len(each)
        return math.sqrt(
            self.model.variance(waiting.sample, times) + unseen * scatter + self._chance(waiting)
        )

    def _chance(self, waiting: Waiting) -> float:
        """Variance by how many of what waits end at once."""
        found = 0.0
        for short in (self.told, self.silent):
            clips = [clip for clip in waiting.sample if self._short(clip) is short]
            if clips and self.model:
                number = waiting.videos * len(clips) / len(waiting.sample)
                lost = sum(self.model.seconds(clip) for clip in clips) / len(clips) - short.seconds
                odds = short.share * (1 - short.share)
                found += odds * lost**2 * (number + number**2 / max(1.0, short.ended))
        return found

    def _short(self, clip: Clip) -> _Short:
        return self.told if clip.frames else self.silent

    def deviation_underway(self, underway: Sequence[Underway]) -> float:
        """Of the videos that run."""
        if self.model is None or not underway:
            return 0.0
        return math.sqrt(self.model.variance([job.clip for job in underway]))
