"""How does a person look in the picture?"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from posebatch_workers.athlete.body import Body
from posebatch_workers.athlete.camera import Camera
from posebatch_workers.athlete.curves import Array
from posebatch_workers.athlete.figure import Part, parts_of
from posebatch_workers.athlete.palette import Palette
from posebatch_workers.athlete.skeleton import Points
from posebatch_workers.athlete.surface import drawn_points

Picture = NDArray[np.uint8]

#: Brightness, share of the radius and way towards the light of each tone, dark to bright.
_TONES = ((0.70, 1.0, 0.0), (0.86, 0.84, 0.12), (1.0, 0.55, 0.28))
_LIGHT = np.array([-0.55, -0.75])  #: towards the light, in the picture
_SUBPIXEL_BITS = 4
_ARC = np.stack(
    [np.cos(np.linspace(0, 2 * np.pi, 20, False)), np.sin(np.linspace(0, 2 * np.pi, 20, False))],
    axis=1,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person over F frames, projected and ready to be drawn.

    pixels (F, B, 2) and radii_px (F, B) of all balls, depth_m (F, P) of all parts, shown (F, P).
    """

    parts: tuple[Part, ...]
    starts: tuple[int, ...]
    pixels: Array
    radii_px: Array
    depth_m: Array
    shown: NDArray[np.bool_]

    @classmethod
    def seen_by(cls, camera: Camera, body: Body, palette: Palette, points: Points) -> Person:
        """A person with these points (F, 3) each, seen by the camera."""
        parts, drawn = parts_of(body, palette), drawn_points(body, points)
        balls = [ball for part in parts for ball in part.balls]
        starts = np.cumsum([0] + [len(part.balls) for part in parts])
        pixels, depth = camera.project(np.stack([drawn[name] for name, _ in balls], axis=1))
        radii = np.array([radius for _, radius in balls])
        counts = np.diff(starts)
        part_depth = np.add.reduceat(depth, starts[:-1], axis=1) / counts
        _, head_depth = camera.project(drawn["head"])
        on_face = np.array([part.on_face for part in parts])
        turned = part_depth < head_depth[:, None] - 0.012
        return cls(
            parts=tuple(parts),
            starts=tuple(int(s) for s in starts),
            pixels=pixels,
            radii_px=camera.focal_px * radii / np.maximum(depth, camera.nearest_m),
            depth_m=part_depth - np.array([part.nearer_m for part in parts]),
            shown=(~on_face | turned) & (part_depth > camera.nearest_m),
        )

    def exposed(self, ground: Picture, moments: range) -> Picture:
        """The person on this ground, averaged over moments; draws into `ground` if there is one."""
        if len(moments) == 1:
            self.draw(ground, moments[0])
            return ground
        left, top, right, bottom = self._bounds(ground, moments)
        total = np.zeros((bottom - top, right - left, 3), np.uint16)
        for moment in moments:
            picture = ground.copy()
            self.draw(picture, moment)
            total += picture[top:bottom, left:right]
        ground[top:bottom, left:right] = (total + len(moments) // 2) // len(moments)
        return ground

    def draw(self, picture: Picture, moment: int) -> None:
        """Draw the person into the picture (height, width, 3), far parts first."""
        for p in np.argsort(-self.depth_m[moment]):
            if self.shown[moment, p]:
                balls = slice(self.starts[p], self.starts[p + 1])
                pixels, radii = self.pixels[moment, balls], self.radii_px[moment, balls]
                _draw(picture, self.parts[p], pixels, radii)

    def _bounds(self, picture: Picture, moments: range) -> tuple[int, int, int, int]:
        pixels, radii = self.pixels[moments], self.radii_px[moments][..., None] + 2.0
        limit = (picture.shape[1], picture.shape[0])
        low = np.clip((pixels - radii).min(axis=(0, 1)), 0, limit).astype(int)
        high = np.clip((pixels + radii).max(axis=(0, 1)), 0, limit).astype(int)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _draw(picture: Picture, part: Part, centres: Array, radii: Array) -> None:
    for brightness, share, lit in _TONES[-1:] if part.flat else _TONES:
        shift = 0.0 if part.flat else lit
        size = radii if part.flat else share * radii
        outline = (centres + shift * radii[:, None] * _LIGHT)[:, None] + size[:, None, None] * _ARC
        colour = tuple(round(brightness * c) for c in part.colour)
        fill_hull(picture, outline.reshape(-1, 2), colour)


def fill_hull(picture: Picture, points: Array, colour: tuple[int, ...]) -> None:
    """Fill the convex hull of pixels (N, 2), with soft edges and to a sixteenth of a pixel."""
    hull = cv2.convexHull(points.astype(np.float32))
    # A pixel's middle has whole coordinates in OpenCV, and half ones in ours.
    fixed = np.round((hull - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillConvexPoly(picture, fixed, colour, cv2.LINE_AA, _SUBPIXEL_BITS)
