"""How fast is each tracker alone on this machine, once it is warm?"""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from posebatch_shared.errors import PosebatchError
from posebatch_shared.jobs import Preset
from posebatch_workers.bench.clips import Clip, load
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import Tracker, create_tracker

WARM_UP_CALLS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """One tracker's row. Percentiles are of milliseconds per frame over calls of `call_frames`."""

    tracker: str
    frames: int = 0
    call_frames: int = 0
    frames_per_second: float | None = None
    mean_ms: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    init_seconds: float | None = None  #: in a fresh process: packages, model, warm-up
    memory_mib: float | None = None  #: what the tracker added to the process
    model: str = ""
    provider: str = ""
    device: str = ""
    people_per_frame: float | None = None
    error: str | None = None  #: why it did not run


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The isolated benchmark: one row per tracker, on the same frames in memory."""

    clips: tuple[str, ...]
    quality: Preset
    threads: int | None
    speeds: tuple[Speed, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Head and rows for people."""
        times = ("FPS", "mean ms", "P50 ms", "P95 ms", "P99 ms", "init s", "MiB")
        return ("tracker", *times, "provider", "device"), [_row(speed) for speed in self.speeds]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What a fresh process is asked to time."""

    name: str
    paths: tuple[Path, ...]
    quality: Preset
    device: str
    model_dir: Path | None
    threads: int | None
    most_frames: int | None
    call_frames: int


def run(
    paths: Sequence[Path],
    names: Sequence[str],
    *,
    quality: Preset = "balanced",
    device: str = "cpu",
    model_dir: Path | None = None,
    threads: int | None = None,
    most_frames: int | None = 300,
    call_frames: int = 16,
) -> Report:
    """Time every tracker in a fresh process: frames in memory first, warm-up, then the clips.

    A tracker that cannot start is a row with its error. Raises the errors of reading a video.
    """
    order = partial(
        _Order,
        paths=tuple(paths),
        quality=quality,
        device=device,
        model_dir=model_dir,
        threads=threads,
        most_frames=most_frames,
        call_frames=call_frames,
    )
    return Report(
        clips=tuple(path.name for path in paths),
        quality=quality,
        threads=threads,
        speeds=tuple(_in_fresh_process(order(name=name)) for name in names),
    )


def _in_fresh_process(order: _Order) -> Speed:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_time, order).result()


def _time(order: _Order) -> Speed:
    clips = [load(path, most_frames=order.most_frames) for path in order.paths]
    memory_before, started = _memory_mib(), perf_counter()
    try:
        tracker = create_tracker(
            order.name,
            quality=order.quality,
            device=order.device,
            model_dir=order.model_dir,
            threads=order.threads,
        )
    except PosebatchError as error:
        return Speed(tracker=order.name, error=str(error))
    init_seconds = perf_counter() - started
    speed = measure(tracker, clips, call_frames=order.call_frames)
    memory_mib = _memory_mib() - memory_before
    tracker.close()
    return replace(speed, tracker=order.name, init_seconds=init_seconds, memory_mib=memory_mib)


def measure(tracker: Tracker, clips: Sequence[Clip], *, call_frames: int) -> Speed:
    """Warm up on the first calls of the first clip, then time every call of all clips."""
    tracker.begin(clips[0].info, StageTimer())
    for frames in islice(clips[0].calls(call_frames), WARM_UP_CALLS):
        tracker.track(frames)
    tracker.end()
    sizes, seconds, people = [], [], 0
    for clip in clips:
        tracker.begin(clip.info, StageTimer())
        for frames in clip.calls(call_frames):
            started = perf_counter()
            answers = tracker.track(frames)
            seconds.append(perf_counter() - started)
            sizes.append(len(frames))
            people += sum(len(answer.scores) for answer in answers)
        tracker.end()
    per_frame = np.repeat(np.array(seconds) / sizes * 1000, sizes)
    p50, p95, p99 = (float(value) for value in np.percentile(per_frame, (50, 95, 99)))
    return Speed(
        tracker=tracker.info.name,
        frames=sum(sizes),
        call_frames=call_frames,
        frames_per_second=sum(sizes) / sum(seconds),
        mean_ms=float(per_frame.mean()),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        model=tracker.info.model,
        provider=tracker.info.provider,
        device=tracker.info.device,
        people_per_frame=people / sum(sizes),
    )


def _memory_mib() -> float:
    """What this process holds now; where the system does not tell, the most that it ever held."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize() / (1 << 20)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _row(speed: Speed) -> tuple[str, ...]:
    if speed.error is not None:
        return (speed.tracker, "did not run", *[""] * 8)
    numbers = (
        *(speed.frames_per_second, speed.mean_ms, speed.p50_ms, speed.p95_ms, speed.p99_ms),
        *(speed.init_seconds, speed.memory_mib),
    )
    written = ("" if number is None else f"{number:.1f}" for number in numbers)
    return (speed.tracker, *written, speed.provider, speed.device)
