"""What the drawn athlete's body really did in each jump, under the names of our metrics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis import Jump
from posebatch_workers.analysis.joints import angle_degrees
from posebatch_workers.athlete.body import GRAVITY_M_S2
from posebatch_workers.athlete.camera import Camera
from posebatch_workers.athlete.jumps import JumpEvents
from posebatch_workers.athlete.shoot import Shoot
from posebatch_workers.athlete.skeleton import Points
from posebatch_workers.athlete.spec import ClipSpec

Array = NDArray[np.float64]

STEP_SECONDS = 0.001


def metric_errors(jump: Jump, truth: dict[str, float]) -> dict[str, float]:
    """Ours less the truth, of every metric that both have."""
    ours = {name: getattr(jump, name) for name in truth}
    return {name: ours[name] - true for name, true in truth.items() if ours[name] is not None}


def true_metrics(spec: ClipSpec) -> tuple[dict[str, float], ...]:
    """One mapping per jump of the clip, in order: metres, seconds and degrees of the real body."""
    shoot = Shoot.of(spec)
    return tuple(
        _times(jump, spec.box_height_m)
        | _hips(jump, points)
        | _angles(jump, points)
        | _scale(shoot.camera, points)
        for jump in shoot.motion.jumps
        for points in [shoot.motion.score.points(_clock(jump))]
    )


def _clock(jump: JumpEvents) -> Array:
    return np.arange(jump.start, jump.landing, STEP_SECONDS)


def _times(jump: JumpEvents, box_height_m: float) -> dict[str, float]:
    flight = jump.landing - jump.takeoff
    height = GRAVITY_M_S2 * flight**2 / 8
    if jump.touchdown is None:
        seconds = jump.takeoff - jump.start
        return {"time_to_takeoff_seconds": seconds, "rsi_modified": height / seconds}
    contact = jump.takeoff - jump.touchdown
    return {
        "contact_time_seconds": contact,
        "rsi_flight_over_contact": flight / contact,
        "rsi_height_over_contact": height / contact,
        "drop_height_m": box_height_m,
    }


def _scale(camera: Camera, points: Points) -> dict[str, float]:
    """Of the plane in which the hips are, from begin to landing in the mean."""
    _, depths_m = camera.project(points["mid_hip"])
    return {"metres_per_pixel": float(depths_m.mean()) / camera.focal_px}


def _hips(jump: JumpEvents, points: Points) -> dict[str, float]:
    """Of the middle of both hips. A held squat begins with its push-off: no lowering is known."""
    height = (points["left_hip"] + points["right_hip"])[:, 2] / 2
    velocity = np.gradient(height, STEP_SECONDS)
    down, low, up = _turns(jump, height)
    push = {
        "peak_push_off_velocity_m_s": float(velocity[low:up].max()),
        "hip_rise_m": float(height[up:].max() - height[up]),
    }
    if jump.kind == "squat-jump":
        return push
    return push | {
        "countermovement_depth_m": float(height[down] - height[low]),
        "peak_lowering_velocity_m_s": float(-velocity[: low + 1].min()),
    }


def _turns(jump: JumpEvents, hips: Array) -> tuple[int, int, int]:
    """Samples of the touchdown (or the begin), of the lowest hips, and of the take-off."""
    seconds = _clock(jump)
    down = 0 if jump.touchdown is None else int(np.searchsorted(seconds, jump.touchdown))
    up = int(np.searchsorted(seconds, jump.takeoff))
    return down, down + int(np.argmin(hips[down:up])), up


def _angles(jump: JumpEvents, points: Points) -> dict[str, float]:
    """Of the joints, whatever the camera sees of them, when the hips are lowest."""
    _, low, _ = _turns(jump, (points["left_hip"] + points["right_hip"])[:, 2] / 2)
    point = {name: track[low] for name, track in points.items()}

    def both(*parts: str) -> float:
        sides = ([point[f"{side}_{part}"] for part in parts] for side in ("left", "right"))
        return float(np.mean([angle_degrees(*corner) for corner in sides]))

    def lean(top: str, bottom: str) -> float:
        sides = [point[f"{side}_{top}"] - point[f"{side}_{bottom}"] for side in ("left", "right")]
        x, y, up = np.mean(sides, axis=0)
        return float(np.degrees(np.arctan2(np.hypot(x, y), up)))

    return {
        "knee_angle_lowest_degrees": both("hip", "knee", "ankle"),
        "hip_angle_lowest_degrees": both("shoulder", "hip", "knee"),
        "shank_lean_lowest_degrees": lean("knee", "ankle"),
        "trunk_lean_lowest_degrees": lean("shoulder", "hip"),
    }
