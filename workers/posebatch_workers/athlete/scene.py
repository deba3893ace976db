"""What is to be seen besides the athlete: room, box, bystander, shadow, a post in front?"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from posebatch_workers.athlete.body import Body
from posebatch_workers.athlete.camera import Camera
from posebatch_workers.athlete.curves import Array
from posebatch_workers.athlete.motion import Block
from posebatch_workers.athlete.paint import Person, Picture, fill_hull
from posebatch_workers.athlete.palette import BYSTANDER
from posebatch_workers.athlete.performer import Performer
from posebatch_workers.athlete.room import empty_room
from posebatch_workers.athlete.spec import ClipSpec

_BOX_TOP, _BOX_FRONT, _BOX_SIDE = (178, 150, 104), (150, 122, 80), (128, 104, 68)
_POST = (84, 88, 96)
_POST_WIDTH_M, _POST_NEARER_M, _POST_RIGHT_M = 0.07, 0.9, 0.10
_BYSTANDER_BEHIND_M, _BYSTANDER_RIGHT_M = 1.2, -0.62


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that keeps still in a clip, drawn once."""

    camera: Camera
    still: Picture
    block: Block | None
    post_px: Array | None

    @classmethod
    def of(cls, camera: Camera, spec: ClipSpec, block: Block | None) -> Scene:
        """The scene of a clip; `block` stands on the floor, if there is one."""
        still = empty_room(camera, spec.seed)
        if spec.bystander:
            _bystander(still, camera)
        if block:
            _draw_block(still, camera, block)
        post = _post(camera) if spec.occluder else None
        return cls(camera=camera, still=still, block=block, post_px=post)

    def with_shadow(self, feet: Array) -> Picture:
        """A fresh picture of the scene, with the shadow of a person with these feet (2, 3)."""
        picture = self.still.copy()
        x, y = feet[:, :2].mean(axis=0)
        on_block = self.block is not None and x < self.block.front_m
        ground = self.block.height_m if self.block and on_block else 0.0
        lifted = max(0.0, float(feet[:, 2].min()) - ground)
        _shadow(picture, self.camera, np.array([x, y, ground]), lifted)
        return picture

    def draw_in_front(self, picture: Picture) -> None:
        """Draw what stands between camera and athlete."""
        if self.post_px is not None:
            fill_hull(picture, self.post_px, _POST)


def _bystander(picture: Picture, camera: Camera) -> None:
    """Somebody else stands behind, beside the athlete, and watches."""
    body = Body(height_m=1.68, girth_ratio=1.1)
    performer = Performer.of(body, arm_swing=True)
    performer.quiet(1.0)
    place = camera.world(_BYSTANDER_BEHIND_M, _BYSTANDER_RIGHT_M)
    points = {name: at + place for name, at in performer.score.points(np.zeros(1)).items()}
    Person.seen_by(camera, body, BYSTANDER, points).draw(picture, 0)


def _draw_block(picture: Picture, camera: Camera, block: Block) -> None:
    x = np.array([block.front_m - block.length_m, block.front_m])
    y = np.array([-block.width_m / 2, block.width_m / 2])
    corners = np.array([[[[a, b, c] for c in (0.0, block.height_m)] for b in y] for a in x])
    pixels, depth = camera.project(corners)
    faces = [
        (depth[:, :, 1], pixels[:, :, 1], _BOX_TOP),
        (depth[0], pixels[0], _BOX_FRONT),
        (depth[1], pixels[1], _BOX_FRONT),
        (depth[:, 0], pixels[:, 0], _BOX_SIDE),
        (depth[:, 1], pixels[:, 1], _BOX_SIDE),
    ]
    for _, face, colour in sorted(faces, key=lambda face: -float(face[0].mean())):
        fill_hull(picture, face.reshape(-1, 2), colour)


def _post(camera: Camera) -> Array:
    half = _POST_WIDTH_M / 2
    ends = [
        camera.world(-_POST_NEARER_M, _POST_RIGHT_M + side, up)
        for side in (-half, half)
        for up in (0.0, 1.05)
    ]
    return camera.project(np.stack(ends))[0]


def _shadow(picture: Picture, camera: Camera, at: Array, lifted_m: float) -> None:
    """Darken the floor under a person; the higher he is, the paler and wider."""
    around = np.linspace(0, 2 * np.pi, 32, False)
    radius = 0.26 * (1.0 + 0.8 * lifted_m)
    ring = np.stack([np.cos(around), np.sin(around), np.zeros(32)], axis=1)
    pixels, depth = camera.project(at + radius * ring)
    if depth.min() < camera.nearest_m:
        return
    soft = max(3, camera.height // 80) | 1
    limit = (camera.width, camera.height)
    low = np.clip(pixels.min(axis=0) - soft, 0, limit).astype(int)
    high = np.clip(pixels.max(axis=0) + soft, 0, limit).astype(int)
    patch = picture[low[1] : high[1], low[0] : high[0]]
    if patch.size:
        mask = np.full(patch.shape[:2], 255, np.uint8)
        darkness = round(190 + min(45.0, 100 * lifted_m))
        cv2.fillConvexPoly(mask, np.round(pixels - low).astype(np.int32), darkness)
        mask = cv2.blur(mask, (soft, soft))
        patch[:] = cv2.multiply(patch, cv2.merge([mask] * 3), scale=1 / 255)
