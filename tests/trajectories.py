"""What would a perfect tracker see of a jump with known events? Landmarks without any picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hip_course import GRAVITY, HIP_M, Course
from posebatch_shared.poses import JUMP_LANDMARKS, PoseSequence, Skeleton

Array = NDArray[np.float64]

STATURE_M = 1.75
ANKLE_M, HEEL_M, TOE_M = 0.08, 0.04, 0.03
SHIN_M, THIGH_M = 0.42, 0.44
HEEL_RISE_M = 0.07
SKELETON = Skeleton(name="jump_13", nodes=JUMP_LANDMARKS, edges=())


def cmj(
    *heights_m: float, depth_m: float = 0.32, hold_s: float = 0.0, quiet_s: float = 0.8
) -> Course:
    """Countermovement jumps (or, with a hold, squat jumps), one after another."""
    course = Course()
    course.to(0.0, HIP_M)
    for height in heights_m:
        speed = np.sqrt(2 * GRAVITY * height)
        course.to(quiet_s, HIP_M)
        course.to(0.5, HIP_M - depth_m, 0.0, 0.0 if hold_s else 12.0)
        if hold_s:
            course.to(hold_s, HIP_M - depth_m)
        course.to(push_off_s(height, depth_m), HIP_M + HEEL_RISE_M, speed, -GRAVITY)
        course.jump(height)
        course.land()
    course.to(0.8, HIP_M)
    return course


def push_off_s(height_m: float, depth_m: float) -> float:
    """From the lowest point to take-off."""
    return float((depth_m + HEEL_RISE_M) / (0.55 * np.sqrt(2 * GRAVITY * height_m)))


def drop_jump(
    height_m: float, *, box_m: float = 0.4, contact_s: float = 0.22, hop_m: float = 0.0
) -> Course:
    """A step (or a hop) off a box, a contact of known duration, a jump."""
    course = Course(box_m=box_m)
    course.to(0.0, HIP_M + box_m)
    course.to(1.0, HIP_M + box_m)
    course.step_off = course.seconds
    if hop_m:
        up = np.sqrt(2 * GRAVITY * hop_m)
        course.to(0.4, HIP_M + box_m - 0.15, 0.0, 8.0)
        course.to(0.3, HIP_M + box_m + HEEL_RISE_M, up, -GRAVITY)
        course.left_box = course.seconds
        fall = (up + np.sqrt(up**2 + 2 * GRAVITY * box_m)) / GRAVITY
        course.to(fall, HIP_M + HEEL_RISE_M, up - GRAVITY * fall, -GRAVITY)
    else:
        fall = np.sqrt(2 * (box_m - HEEL_RISE_M) / GRAVITY)
        course.to(0.25, HIP_M + box_m, 0.0, -GRAVITY)
        course.left_box = course.seconds
        course.to(fall, HIP_M + HEEL_RISE_M, -GRAVITY * fall, -GRAVITY)
    course.touchdowns.append(course.seconds)
    speed = np.sqrt(2 * GRAVITY * height_m)
    course.to(0.45 * contact_s, HIP_M - 0.13, 0.0, 60.0)
    course.to(0.55 * contact_s, HIP_M + HEEL_RISE_M, speed, -GRAVITY)
    course.jump(height_m)
    course.land()
    course.to(0.8, HIP_M)
    return course


def rebounds(number: int, height_m: float, contact_s: float) -> Course:
    """Jumps in a row, with nothing but a short contact between one and the next."""
    course = cmj(height_m)
    del course.knots[-3:]  # the landing, rising again, and standing
    speed = np.sqrt(2 * GRAVITY * height_m)
    for _ in range(number - 1):
        course.to(0.45 * contact_s, HIP_M - 0.1, 0.0, 50.0)
        course.to(0.55 * contact_s, HIP_M + HEEL_RISE_M, speed, -GRAVITY)
        course.jump(height_m)
    course.land()
    course.to(0.8, HIP_M)
    return course


def landmarks(course: Course, seconds: Array) -> dict[str, Array]:
    """(F, 2) metres, x forward, y up, of every jump landmark in side view."""
    hips = course.hips(seconds)
    toe = np.full(len(seconds), TOE_M)
    forward = np.zeros(len(seconds))
    in_air = np.zeros(len(seconds), dtype=bool)
    if course.box_m:
        toe[seconds < course.left_box] += course.box_m
        in_air |= (seconds >= course.left_box) & (seconds < course.touchdowns[0])
        forward = 0.35 * np.clip((seconds - course.step_off) / 0.5, 0, 1)
    for takeoff, landing in zip(course.takeoffs, course.landings, strict=True):
        in_air |= (seconds >= takeoff) & (seconds <= landing)
    toe[in_air] = TOE_M + hips[in_air] - (HIP_M + HEEL_RISE_M)
    ground = toe - TOE_M
    reach = SHIN_M + THIGH_M - 0.01
    ankle = np.maximum(ground + ANKLE_M, hips - reach)
    lift = ankle - ground - ANKLE_M
    bent = np.clip(hips - ankle, 0.1, reach)
    along = (SHIN_M**2 - THIGH_M**2 + bent**2) / (2 * bent)
    knee_forward = np.sqrt(np.maximum(0.0, SHIN_M**2 - along**2))
    lean = 0.25 * (reach - bent)
    points = {
        "nose": (0.08 + lean, hips + 0.68 - 0.3 * lean),
        "shoulder": (lean, hips + 0.52 - 0.2 * lean),
        "hip": (-0.3 * lean, hips),
        "knee": (knee_forward, ankle + along),
        "ankle": (0 * hips, ankle),
        "heel": (np.full_like(hips, -0.05), ground + HEEL_M + 1.2 * lift),
        "foot_index": (np.full_like(hips, 0.16), toe),
    }
    return {
        node: np.column_stack(points[node.removeprefix("left_").removeprefix("right_")])
        + np.column_stack((forward, 0 * forward))
        for node in JUMP_LANDMARKS
    }


def sequence(
    course: Course,
    *,
    fps: float = 120.0,
    noise_px: float = 0.0,
    pixels_per_metre: float = 400.0,
    seconds: Array | None = None,
    mirror: bool = False,
    shoulder_width_m: float = 0.0,
    seed: int = 1,
) -> PoseSequence:
    """The course as a tracker of this noise would report it, in a 720 × 1280 picture."""
    width, height = 720, 1280
    at = np.arange(0.0, course.seconds, 1 / fps) if seconds is None else seconds
    noise = np.random.default_rng(seed).normal(0.0, noise_px, (len(at), len(JUMP_LANDMARKS), 2))
    points = np.stack([landmarks(course, at)[node] for node in JUMP_LANDMARKS], axis=1)
    for side, way in (("left", 1), ("right", -1)):
        points[:, JUMP_LANDMARKS.index(f"{side}_shoulder"), 0] += way * shoulder_width_m / 2
    x = width / 2 + (-1 if mirror else 1) * points[:, :, 0] * pixels_per_metre + noise[:, :, 0]
    y = 0.9 * height - points[:, :, 1] * pixels_per_metre + noise[:, :, 1]
    keypoints = np.stack((x / width, y / height, 0 * x), axis=2).astype(np.float32)
    return PoseSequence(
        skeleton=SKELETON,
        width=width,
        height=height,
        frame_index=np.arange(len(at)),
        pts_seconds=at,
        keypoints=keypoints,
        visibility=np.full(keypoints.shape[:2], 0.95, np.float32),
    )


def stretched(sequence: PoseSequence, factor: float) -> PoseSequence:
    """The same poses, played so many times slower."""
    return replace(sequence, pts_seconds=sequence.pts_seconds * factor)


def kept(sequence: PoseSequence, frames: NDArray[np.bool_]) -> PoseSequence:
    """The same poses, where only some of the frames (F,) were looked at."""
    return replace(
        sequence,
        frame_index=sequence.frame_index[frames],
        pts_seconds=sequence.pts_seconds[frames],
        keypoints=sequence.keypoints[frames],
        visibility=sequence.visibility[frames],
    )


def angle_degrees(first: Array, corner: Array, last: Array) -> float:
    """Angle at `corner`."""
    one, other = first - corner, last - corner
    return float(np.degrees(np.arccos(one @ other / np.linalg.norm(one) / np.linalg.norm(other))))
