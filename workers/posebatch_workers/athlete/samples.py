"""Which clips make a demo, and which a test of everything that a coach's archive may hold?"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

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
    return tuple(
        ClipSpec(**(_somebody(rng) | _jump(rng) | wanted), seed=k)
        for k, wanted in enumerate([*_usual(), *_awkward(), *_several(), *_without_jump()])
    )


def _somebody(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "body_height_m": round(rng.uniform(1.55, 1.95), 2),
        "leg_ratio": round(rng.uniform(0.96, 1.04), 3),
        "girth_ratio": round(rng.uniform(0.9, 1.15), 2),
        "camera_distance_m": round(rng.uniform(3.0, 4.2), 2),
        "tilt_deg": round(rng.uniform(-3.0, 3.0), 1),
    }


def _jump(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "height_m": round(rng.uniform(0.15, 0.55), 2),
        "countermovement_depth_m": round(rng.uniform(0.18, 0.32), 2),
        "contact_time_s": round(rng.uniform(0.16, 0.32), 3),
        "box_height_m": round(rng.uniform(0.2, 0.45), 2),
        "arm_swing": bool(rng.random() < 0.3),
        "view_angle_deg": round(rng.uniform(10.0, 90.0), 1),
        "noise_sd": round(rng.uniform(0.0, 6.0), 1),
        "crf": int(rng.integers(20, 30)),
    }


def _usual() -> list[dict[str, Any]]:
    """Every kind of jump at every usual frame rate."""
    rates = {"cmj": (24, 30, 30, 50, 60, 60, 60, 60, 120, 240), "squat-jump": (30, 60, 60, 120)}
    rates["drop-jump"] = (30, 60, 60, 60, 120, 240)
    return [{"kind": kind, "fps": float(fps)} for kind, each in rates.items() for fps in each]


def _awkward() -> list[dict[str, Any]]:
    """What phones and editors do to clips, and what stands in the way."""
    return [
        {"variable_frame_rate": True},
        {"variable_frame_rate": True, "fps": 30.0},
        {"variable_frame_rate": True, "kind": "drop-jump"},
        {"variable_frame_rate": True, "container": "mkv", "fps": 50.0},
        *({"rotation_degrees": turn} for turn in (90, 180, 270)),
        {"rotation_degrees": 90, "container": "mov", "codec": "hevc10", "kind": "squat-jump"},
        {"codec": "hevc10"},
        {"codec": "vp9", "container": "webm"},
        {"codec": "mpeg4", "container": "avi"},
        {"codec": "mpeg4", "crf": 40},
        {"crf": 38},
        {"fps": 240.0, "slow_motion": 8.0},
        {"fps": 120.0, "slow_motion": 4.0, "kind": "squat-jump"},
        {"exposure_seconds": 1 / 60},
        {"exposure_seconds": 1 / 60, "fps": 30.0},
        {"noise_sd": 14.0},
        {"brightness": 0.55, "noise_sd": 8.0},
        {"brightness": 1.3},
        {"bystander": True},
        {"bystander": True, "kind": "drop-jump"},
        {"occluder": True},
        {"width": 1280, "height": 720},
        {"width": 1080, "height": 1920, "fps": 30.0},
        {"width": 2160, "height": 3840, "fps": 30.0, "quiet_seconds": 0.7},
        {"width": 404, "height": 720},
        {"camera_distance_m": 6.0},
        {"landing_bend_m": 0.08},
        {"height_m": 0.08},
        {"height_m": 0.65},
    ]


def _several() -> list[dict[str, Any]]:
    """More than one jump in a clip."""
    return [
        {"reps": 2},
        {"reps": 3, "arm_swing": True},
        {"reps": 3, "fps": 30.0},
        {"reps": 2, "kind": "squat-jump"},
        {"reps": 5, "fps": 30.0, "quiet_seconds": 0.7},
        {"reps": 4, "view_angle_deg": 20.0},
    ]


def _without_jump() -> list[dict[str, Any]]:
    """Nobody jumps in these, or not so that the landing is seen."""
    return [
        {"kind": "standing"},
        {"kind": "standing", "view_angle_deg": 20.0, "arm_swing": True, "noise_sd": 10.0},
        {"kind": "standing", "fps": 30.0},
        {"kind": "squats", "reps": 2},
        {"kind": "squats", "reps": 3, "fps": 30.0},
        {"kind": "squats", "view_angle_deg": 30.0},
        {"kind": "walking", "view_angle_deg": 90.0},
        {"kind": "walking", "view_angle_deg": 25.0},
        {"kind": "walking", "view_angle_deg": 60.0, "fps": 30.0},
        {"kind": "sitting-down"},
        {"kind": "sitting-down", "view_angle_deg": 35.0, "fps": 30.0},
        {"kind": "out-of-frame", "view_angle_deg": 90.0, "camera_distance_m": 3.0},
        {"kind": "out-of-frame", "view_angle_deg": 70.0, "camera_distance_m": 3.0, "fps": 30.0},
    ]


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


def write_samples(directory: Path, specs: Sequence[ClipSpec]) -> Path:
    """Draw the clips into the directory, one process per core, and `truth.json` beside them.

    Gives the path of `truth.json`: {"clips": [{"file", "spec": {…}, "truth": {…}}, …]}, in the
    order of `specs`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    names = _distinct([file_name(spec) for spec in specs])
    with ProcessPoolExecutor(
        min(len(specs), os.cpu_count() or 1), multiprocessing.get_context("spawn")
    ) as pool:
        truths = pool.map(draw_clip, specs, [directory / name for name in names])
        clips = [
            {"file": name, "spec": asdict(spec), "truth": truth.to_json()}
            for name, spec, truth in zip(names, specs, truths, strict=True)
        ]
    path = directory / TRUTH_FILE
    path.write_text(json.dumps({"clips": clips}), encoding="utf-8")
    return path


def _distinct(names: list[str]) -> list[str]:
    """Names that come twice get a number."""
    seen: dict[str, int] = {}
    for k, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            stem, dot, suffix = name.rpartition(".")
            names[k] = f"{stem}_{seen[name]}{dot}{suffix}"
    return names
