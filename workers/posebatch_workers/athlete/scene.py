"""What stands around the athlete: wall, floor, shadow?"""

from __future__ import annotations

import cv2
import numpy as np

from posebatch_workers.athlete.camera import Camera
from posebatch_workers.athlete.curves import Array
from posebatch_workers.athlete.paint import Picture

_WALL_BEHIND_M = 2.5
_WALL, _FLOOR, _LINE = (186, 190, 186), (148, 124, 98), (120, 98, 76)


def room(camera: Camera, seed: int) -> Picture:
    """The empty room (height, width, 3): a blotched wall with panels, a floor of boards."""
    rng = np.random.default_rng(seed)
    picture = np.empty((camera.height, camera.width, 3), np.uint8)
    picture[:] = _WALL
    _fill(picture, camera, _floor_quad(camera), _FLOOR)
    _boards(picture, camera)
    return _grained(picture, rng)


def _ground(camera: Camera, ahead_m: float, right_m: float, up_m: float = 0.0) -> Array:
    """A point of the world, seen from the athlete's place in the camera's directions."""
    angle = np.radians(camera.view_angle_deg)
    away = -np.array([np.cos(angle), -np.sin(angle), 0.0])
    right = np.array([-away[1], away[0], 0.0]) * -1.0
    return np.asarray(ahead_m * away + right_m * right + [0.0, 0.0, up_m], dtype=np.float64)


def _floor_quad(camera: Camera) -> Array:
    near = -0.9 * camera.distance_m
    return np.stack(
        [
            _ground(camera, _WALL_BEHIND_M, -12.0),
            _ground(camera, _WALL_BEHIND_M, 12.0),
            _ground(camera, near, 12.0),
            _ground(camera, near, -12.0),
        ]
    )


def _fill(picture: Picture, camera: Camera, corners: Array, colour: tuple[int, ...]) -> None:
    pixels, _ = camera.project(corners)
    cv2.fillPoly(picture, [np.round(pixels).astype(np.int32)], colour, cv2.LINE_AA)


def _boards(picture: Picture, camera: Camera) -> None:
    near, wide = -0.9 * camera.distance_m, max(1, camera.height // 640)
    lines = [
        (_ground(camera, near, across), _ground(camera, _WALL_BEHIND_M, across))
        for across in np.arange(-6.0, 6.0, 0.45)
    ] + [
        (_ground(camera, _WALL_BEHIND_M, across), _ground(camera, _WALL_BEHIND_M, across, 4.0))
        for across in np.arange(-5.6, 6.0, 1.2)
    ]
    for line in lines:
        (a, b), _ = camera.project(np.stack(line))
        cv2.line(picture, _whole(a), _whole(b), _LINE, wide, cv2.LINE_AA)


def _whole(pixel: Array) -> tuple[int, int]:
    return round(float(pixel[0])), round(float(pixel[1]))


def _grained(picture: Picture, rng: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    blotches = cv2.resize(
        rng.normal(0.0, 9.0, (height // 40, width // 40)).astype(np.float32), (width, height)
    )
    grain = rng.normal(0.0, 4.0, (height, width)).astype(np.float32)
    shaded = picture.astype(np.float32) + (blotches + grain)[..., None]
    return np.asarray(np.clip(shaded, 0, 255), dtype=np.uint8)


def shadow(picture: Picture, camera: Camera, at: Array, lifted_m: float) -> None:
    """Darken the floor under a person at `at`; the higher he is, the paler and wider."""
    around = np.linspace(0, 2 * np.pi, 24, False)
    wide = 1.0 + 0.8 * lifted_m
    ring = np.stack(
        [
            at[0] + 0.06 + 0.26 * wide * np.cos(around),
            at[1] + 0.26 * wide * np.sin(around),
            0 * around,
        ],
        axis=1,
    )
    pixels, depth = camera.project(ring)
    if depth.min() < 0.4:
        return
    low = np.clip(np.floor(pixels.min(axis=0)).astype(int), 0, (camera.width, camera.height))
    high = np.clip(np.ceil(pixels.max(axis=0)).astype(int), 0, (camera.width, camera.height))
    patch = picture[low[1] : high[1], low[0] : high[0]]
    if patch.size:
        mask = np.full(patch.shape[:2], 255, np.uint8)
        cv2.fillConvexPoly(
            mask, np.round(pixels - low).astype(np.int32), round(150 + min(80, 120 * lifted_m))
        )
        soft = cv2.blur(mask, (9, 9))
        patch[:] = cv2.multiply(patch, cv2.merge([soft] * 3), scale=1 / 255)
