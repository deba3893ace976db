"""Runs that never were: a mixed archive, worked off by lanes, and what is told on the way."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from posebatch_shared.estimate import TimeLeft, time_left
from posebatch_shared.outlook import Ended, Underway, Waiting
from posebatch_shared.work_model import Clip

#: Pixels, frames per second, bits per second, nanoseconds of decoding per pixel: five phones.
RECORDINGS = (
    (1280 * 720, 60, 8e6, 3.0),
    (1920 * 1080, 30, 17e6, 3.0),
    (1280 * 720, 120, 24e6, 3.0),
    (1920 * 1080, 60, 12e6, 5.0),
    (3840 * 2160, 30, 24e6, 5.0),
)
#: Of every clip, and of every frame in the tracker.
CLIP_SECONDS, FRAME_SECONDS = 0.3, 0.008
#: Spread of one clip around its expected work (people, jumps, codecs' settings), as a share.
NOISE = 0.12
#: The machine is by turns so much faster and slower, once around in so many seconds.
DRIFT, DRIFT_SECONDS = 0.05, 180.0
#: Shares of clips that are much longer, that cannot be read, and whose header says nothing.
LONG, BROKEN, SILENT = 0.03, 0.03, 0.1
#: Lanes start so many seconds apart.
START_SECONDS = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A clip and what it takes."""

    clip: Clip
    seconds: float
    tracked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A task as it was worked off."""

    task: Task
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was told of a run at one moment, and what was true."""

    told: TimeLeft
    true_seconds: float


def mixed_archive(rng: random.Random, videos: int = 200) -> list[Task]:
    """Clips of five phones, 3 to 25 s long."""
    return [_task(rng) for _ in range(videos)]


def _task(rng: random.Random) -> Task:
    pixels, fps, bits, nanoseconds = rng.choice(RECORDINGS)
    duration = rng.uniform(12, 25) if rng.random() < LONG else rng.uniform(3, 10)
    frames = round(duration * fps)
    size = int(duration * bits / 8 * rng.lognormvariate(0, 0.25))
    per_frame = FRAME_SECONDS + pixels * nanoseconds * 1e-9
    seconds = (CLIP_SECONDS + frames * per_frame) * rng.lognormvariate(0, NOISE)
    if rng.random() < BROKEN:
        return Task(clip=Clip(size_bytes=size), seconds=0.05, tracked=False)
    if rng.random() < SILENT:
        return Task(clip=Clip(size_bytes=size), seconds=seconds)
    return Task(clip=Clip(size_bytes=size, frames=frames, pixels=pixels), seconds=seconds)


def work_off(tasks: Sequence[Task], lanes: int, rng: random.Random | None = None) -> list[Span]:
    """`lanes` workers take the tasks in order; with `rng` they start one by one on a machine whose
    speed wanders."""
    phase = rng.uniform(0, 2 * math.pi) if rng else 0.0
    free = [START_SECONDS * lane if rng else 0.0 for lane in range(lanes)]
    spans = []
    for task in tasks:
        start = heapq.heappop(free)
        slowness = 1 + DRIFT * math.sin(phase + 2 * math.pi * start / DRIFT_SECONDS) * bool(rng)
        end = start + task.seconds * slowness
        spans.append(Span(task=task, start=start, end=end))
        heapq.heappush(free, end)
    return spans


def look_at(spans: Sequence[Span], share: float) -> Look:
    """What is told once this share of the videos has ended."""
    ends = sorted(span.end for span in spans)
    now = ends[int(len(spans) * share) - 1]
    waiting = [span.task.clip for span in spans if span.start > now]
    told = time_left(
        [
            Ended(
                clip=span.task.clip,
                started_seconds=span.start,
                finished_seconds=span.end,
                tracked=span.task.tracked,
            )
            for span in spans
            if span.end <= now
        ],
        [
            Underway(
                clip=span.task.clip,
                started_seconds=span.start,
                progress=(now - span.start) / (span.end - span.start),
            )
            for span in spans
            if span.start <= now < span.end
        ],
        Waiting(videos=len(waiting), sample=waiting),
        now_seconds=now,
    )
    assert told is not None
    return Look(told=told, true_seconds=ends[-1] - now)
