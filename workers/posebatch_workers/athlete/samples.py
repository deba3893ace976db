"""Which clips make a demo, and which a test of everything that a coach's archive may hold?"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np

from posebatch_workers.athlete import catalogue
from posebatch_workers.athlete.clip import draw_clip
from posebatch_workers.athlete.spec import ClipSpec

TRUTH_FILE = "truth.json"
_WITH_HEIGHT = ("cmj", "squat-jump", "drop-jump")


def demo_specs() -> tuple[ClipSpec, ...]:
    """Six countermovement jumps, 720×1280 at 60 frames a second, about 3.5 s each."""
    return tuple(
        ClipSpec(height_m=height, view_angle_deg=view, arm_swing=swing, quiet_seconds=0.7, seed=k)
        for k, (height, view, swing) in enumerate(
            [
                (0.25, 90.0, False),
                (0.40, 90.0, False),
                (0.25, 45.0, False),
                (0.40, 45.0, True),
                (0.30, 15.0, False),
                (0.35, 75.0, True),
            ]
        )
    )


def sample_set(seed: int = 7) -> tuple[ClipSpec, ...]:
    """About seventy clips over all parameters, the same for the same seed."""
    rng = np.random.default_rng(seed)
    wishes = [
        *catalogue.usual(),
        *catalogue.awkward(),
        *catalogue.several(),
        *catalogue.without_jump(),
    ]
    return tuple(
        ClipSpec(**(catalogue.somebody(rng) | catalogue.jump(rng) | wanted), seed=k)
        for k, wanted in enumerate(wishes)
    )


def file_name(spec: ClipSpec) -> str:
    """A name that tells the content, such as `cmj_40cm_side_60fps.mp4`."""
    words: list[str] = [spec.kind]
    if spec.kind in _WITH_HEIGHT:
        words.append(f"{round(100 * spec.height_m)}cm")
    words += [_view(spec.view_angle_deg), f"{spec.fps:g}fps"]
    told = {
        f"{spec.reps}reps": spec.reps > 1,
        f"slow{spec.slow_motion:g}x": spec.slow_motion != 1.0,
        "vfr": spec.variable_frame_rate,
        f"rotated{spec.rotation_degrees}": bool(spec.rotation_degrees),
        f"{spec.width}x{spec.height}": (spec.width, spec.height) != (720, 1280),
        "bystander": spec.bystander,
        "occluder": spec.occluder,
        "blurred": spec.exposure_seconds > 0.01,
        spec.codec: spec.codec != "h264",
    }
    return "_".join(words + [word for word, said in told.items() if said]) + f".{spec.container}"


def _view(angle_deg: float) -> str:
    if angle_deg < 20:
        return "front"
    return "side" if angle_deg > 75 else f"{angle_deg:.0f}deg"


def write_samples(
    directory: Path, specs: Sequence[ClipSpec], tell: Callable[[int, str], None]
) -> Path:
    """Draw the clips into the directory, one process per core, and `truth.json` beside them; tells
    number and name of each that is there.

    Gives the path of `truth.json`: {"clips": [{"file", "spec": {…}, "truth": {…}}, …]}, in the
    order of `specs`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    names = _distinct([file_name(spec) for spec in specs])
    with _pool(min(len(specs), os.cpu_count() or 1)) as pool:
        with _without_ctrl_c():
            drawn = [
                pool.submit(draw_clip, spec, directory / name)
                for name, spec in zip(names, specs, strict=True)
            ]
        clips = []
        for name, spec, truth in zip(names, specs, drawn, strict=True):
            clips.append({"file": name, "spec": asdict(spec), "truth": truth.result().to_json()})
            tell(len(clips), name)
    path = directory / TRUTH_FILE
    path.write_text(json.dumps({"clips": clips}), encoding="utf-8")
    return path


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Ctrl-C ends its processes at once, and none of them has anything to say about it."""
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        try:
            yield pool
        except KeyboardInterrupt:
            for process in multiprocessing.active_children():
                process.terminate()
            raise


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes that are started in here never hear it; this one does at the end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def _distinct(names: list[str]) -> list[str]:
    """Names that come twice get a number."""
    seen: dict[str, int] = {}
    for k, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            stem, dot, suffix = name.rpartition(".")
            names[k] = f"{stem}_{seen[name]}{dot}{suffix}"
    return names
