"""Where in the picture does a point of the world appear?"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np

from posebatch_workers.athlete.curves import Array

#: Focal length in picture heights: a vertical field of view of about 50°.
_FOCAL_HEIGHTS = 1.07


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A pinhole camera around the athlete: 0° sees him from the front, 90° from his right side."""

    width: int
    height: int
    view_angle_deg: float = 90.0
    distance_m: float = 3.4
    height_m: float = 1.0
    aim_height_m: float = 1.12
    aim_x_m: float = 0.0
    tilt_deg: float = 0.0

    @property
    def nearest_m(self) -> float:
        """Nothing nearer to the camera than this is drawn."""
        return 0.4

    @property
    def focal_px(self) -> float:
        return _FOCAL_HEIGHTS * self.height

    def project(self, points: Array) -> tuple[Array, Array]:
        """Pixels (..., 2), x right and y down, and depths (...) in metres, of points (..., 3)."""
        right, down, ahead = self._axes()
        seen = points - self._position()
        depth = seen @ ahead
        near = np.maximum(depth, 0.05)
        x = self.width / 2 + self.focal_px * (seen @ right) / near
        y = self.height / 2 + self.focal_px * (seen @ down) / near
        return np.stack([x, y], axis=-1), np.asarray(depth, dtype=np.float64)

    def world(self, ahead_m: float, right_m: float, up_m: float = 0.0) -> Array:
        """(3,) the point so far behind and right of the aim, as the camera sees it, at a height."""
        angle = radians(self.view_angle_deg)
        x = -ahead_m * cos(angle) + right_m * sin(angle)
        y = ahead_m * sin(angle) + right_m * cos(angle)
        return np.array([self.aim_x_m + x, y, up_m])

    def _position(self) -> Array:
        angle = radians(self.view_angle_deg)
        return np.array(
            [
                self.aim_x_m + self.distance_m * cos(angle),
                -self.distance_m * sin(angle),
                self.height_m,
            ]
        )

    def _axes(self) -> tuple[Array, Array, Array]:
        ahead = np.array([self.aim_x_m, 0.0, self.aim_height_m]) - self._position()
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(ahead, right)
        roll = radians(self.tilt_deg)
        return (
            cos(roll) * right + sin(roll) * down,
            cos(roll) * down - sin(roll) * right,
            ahead,
        )
