"""How many trackers side by side, and how many threads in each, take most frames a second here?"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from threading import Barrier, BrokenBarrierError
from time import monotonic
from typing import Any

import cv2

from posebatch_shared.tuning import Tuning
from posebatch_workers.athlete.clip import ClipSpec, draw_clip
from posebatch_workers.bench.clips import named
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import create_tracker
from posebatch_workers.video.reader import ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess

#: Frames, and when the first was asked for and the last was tracked.
Played = tuple[int, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One way to use the cores, and the frames per second of all processes together."""

    tuning: Tuning
    frames_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All trials, the best one first."""

    trials: tuple[Trial, ...]

    @property
    def best(self) -> Tuning:
        """Which way took most frames."""
        return self.trials[0].tuning

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Head and rows for people."""
        rows: list[tuple[str, ...]] = [
            (str(t.tuning.processes), str(t.tuning.threads), f"{t.frames_per_second:.0f}")
            for t in self.trials
        ]
        return ("processes", "threads each", "frames/s"), rows


def run(
    clips: Sequence[Path],
    *,
    tracker: str,
    cores: int,
    least_side_px: int,
    model_dir: Path | None,
    rounds: int = 3,
) -> Report:
    """Decode and track `clips` (none: a drawn one) in every way that fills the cores; medians.

    Raises the errors of reading a video and of starting a tracker.
    """
    rates: dict[Tuning, list[float]] = {tuning: [] for tuning in candidates(cores)}
    with _something_to_track(clips) as paths:
        for _ in range(rounds):  # in turn, so that other loads meet all of them
            for tuning, found in rates.items():
                play = partial(
                    _play, tuple(paths), tracker, tuning.threads, least_side_px, model_dir
                )
                found.append(together(play, tuning.processes))
    trials = [Trial(tuning=t, frames_per_second=median(found)) for t, found in rates.items()]
    return Report(trials=tuple(sorted(trials, key=lambda trial: -trial.frames_per_second)))


def candidates(cores: int) -> list[Tuning]:
    """A process per core and one more, which tracks while another one waits; or fewer processes
    with more threads each."""
    fewer = [count for count in range(1, cores) if cores % count == 0]
    return [
        *(Tuning(processes=count, threads=cores // count) for count in fewer),
        Tuning(processes=cores),
        Tuning(processes=cores + 1),
    ]


@contextmanager
def _something_to_track(clips: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    with tempfile.TemporaryDirectory(prefix="posebatch-tune-") as folder:
        if clips:
            yield tuple(clips)
            return
        drawn = Path(folder) / "clip.mp4"
        draw_clip(ClipSpec(quiet_seconds=1.5), drawn)
        yield (drawn,)


def together(play: Callable[[Barrier], Played], processes: int) -> float:
    """Frames per second of all processes, from the first one's start to the last one's end.

    Raises what `play` raises in one of them; the others wait for it no longer.
    """
    spawn = multiprocessing.get_context("spawn")
    with spawn.Manager() as manager, ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        all_ready = manager.Barrier(processes)
        work = [pool.submit(beside_others, play, all_ready) for _ in range(processes)]
        errors = [error for future in work if (error := future.exception())]
        for error in sorted(errors, key=lambda error: isinstance(error, BrokenBarrierError)):
            raise error
        frames, starts, ends = zip(*(future.result() for future in work), strict=True)
    return float(sum(frames) / (max(ends) - min(starts)))


def beside_others(play: Callable[[Barrier], Played], all_ready: Barrier) -> Played:
    """What `play` gives; if it fails, nobody waits for it at the barrier."""
    try:
        return play(all_ready)
    except BaseException:
        all_ready.abort()
        raise


def _play(
    paths: Sequence[Path],
    name: str,
    threads: int,
    least_side_px: int,
    model_dir: Path | None,
    all_ready: Barrier,
) -> Played:
    """All begin together."""
    cv2.setNumThreads(1)
    tracker = create_tracker(name, quality="balanced", threads=threads, model_dir=model_dir)
    decoder = DecoderProcess()
    try:
        all_ready.wait()
        started, frames = monotonic(), 0
        for path in paths:
            options = ReadOptions(least_side=least_side_px)
            with named(path), decoder.open(path, options) as video:
                tracker.begin(video.info, StageTimer())
                frames += sum(len(tracker.track(batch)) for batch in video.batches())
                frames += len(tracker.end())
        return frames, started, monotonic()
    finally:
        decoder.close()
        tracker.close()
