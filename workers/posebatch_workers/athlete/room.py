"""What does the empty room look like?"""

from __future__ import annotations

import cv2
import numpy as np

from posebatch_workers.athlete.camera import Camera
from posebatch_workers.athlete.curves import Array
from posebatch_workers.athlete.paint import Picture

_WALL_BEHIND_M, _HALF_WIDTH_M, _WALL_HEIGHT_M = 2.5, 14.0, 5.0
_BOARD_M, _PANEL_M = 0.45, 1.2
_WALL, _FLOOR, _LINE = (186, 190, 186), (168, 146, 118), (136, 114, 90)


def empty_room(camera: Camera, seed: int) -> Picture:
    """(height, width, 3) a blotched wall with panels, and a floor of boards."""
    picture = np.empty((camera.height, camera.width, 3), np.uint8)
    picture[:] = _WALL
    near = 0.1 - camera.distance_m
    corners = [
        camera.world(ahead, right)
        for ahead, right in (
            (_WALL_BEHIND_M, -_HALF_WIDTH_M),
            (_WALL_BEHIND_M, _HALF_WIDTH_M),
            (near, _HALF_WIDTH_M),
            (near, -_HALF_WIDTH_M),
        )
    ]
    cv2.fillPoly(picture, [_whole(camera, np.stack(corners))], _FLOOR, cv2.LINE_AA)
    for ends in _lines(camera, near):
        a, b = _whole(camera, ends)
        wide = max(1, camera.height // 640)
        cv2.line(picture, a.tolist(), b.tolist(), _LINE, wide, cv2.LINE_AA)
    return _grained(picture, np.random.default_rng(seed))


def _whole(camera: Camera, points: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.round(camera.project(points)[0]).astype(np.int32)


def _lines(camera: Camera, near: float) -> list[Array]:
    boards = [
        np.stack([camera.world(near, right), camera.world(_WALL_BEHIND_M, right)])
        for right in np.arange(-_HALF_WIDTH_M, _HALF_WIDTH_M, _BOARD_M)
    ]
    panels = [
        np.stack(
            [
                camera.world(_WALL_BEHIND_M, right),
                camera.world(_WALL_BEHIND_M, right, _WALL_HEIGHT_M),
            ]
        )
        for right in np.arange(-_HALF_WIDTH_M, _HALF_WIDTH_M, _PANEL_M)
    ]
    return boards + panels


def _grained(picture: Picture, rng: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    coarse = rng.normal(0.0, 9.0, (height // 40 + 2, width // 40 + 2)).astype(np.float32)
    blotches = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0.0, 4.0, (height, width)).astype(np.float32)
    shaded = picture.astype(np.float32) + (blotches + grain)[..., None]
    return np.asarray(np.clip(shaded, 0, 255), dtype=np.uint8)
