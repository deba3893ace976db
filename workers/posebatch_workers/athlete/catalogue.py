"""What may a coach's archive hold? Lists of wishes for sample clips, and chance for the rest."""

from __future__ import annotations

from typing import Any

import numpy as np


def somebody(rng: np.random.Generator) -> dict[str, Any]:
    """A body, and a camera before it."""
    return {
        "body_height_m": round(rng.uniform(1.55, 1.95), 2),
        "leg_ratio": round(rng.uniform(0.96, 1.04), 3),
        "girth_ratio": round(rng.uniform(0.9, 1.15), 2),
        "camera_distance_m": round(rng.uniform(3.0, 4.2), 2),
        "tilt_deg": round(rng.uniform(-3.0, 3.0), 1),
    }


def jump(rng: np.random.Generator) -> dict[str, Any]:
    """A jump, seen from somewhere."""
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


def usual() -> list[dict[str, Any]]:
    """Every kind of jump at every usual frame rate."""
    rates = {"cmj": (24, 30, 30, 50, 60, 60, 60, 60, 120, 240), "squat-jump": (30, 60, 60, 120)}
    rates["drop-jump"] = (30, 60, 60, 60, 120, 240)
    return [{"kind": kind, "fps": float(fps)} for kind, each in rates.items() for fps in each]


def awkward() -> list[dict[str, Any]]:
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


def several() -> list[dict[str, Any]]:
    """More than one jump in a clip."""
    return [
        {"reps": 2},
        {"reps": 3, "arm_swing": True},
        {"reps": 3, "fps": 30.0},
        {"reps": 2, "kind": "squat-jump"},
        {"reps": 5, "fps": 30.0, "quiet_seconds": 0.7},
        {"reps": 4, "view_angle_deg": 20.0},
    ]


def without_jump() -> list[dict[str, Any]]:
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
