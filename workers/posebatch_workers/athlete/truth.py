"""What is true about a drawn clip?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import JUMP_LANDMARKS


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpTruth:
    """One jump, exact.

    The moments (start, lowest point, touchdown, take-off, landing) are in the clip's presentation
    time. Durations and lengths are those of the real motion, so in a slow-motion clip
    landing_seconds - takeoff_seconds is `slow_motion` times flight_time_seconds. Take-off is the
    last contact of the toes, touchdown and landing the first. jump_height_m is the rise of the
    centre of mass after take-off; it is g·t²/8 of the flight time unless the legs bend for landing.
    """

    kind: str
    start_seconds: float
    lowest_point_seconds: float
    takeoff_seconds: float
    landing_seconds: float
    flight_time_seconds: float
    jump_height_m: float
    countermovement_depth_m: float
    touchdown_seconds: float | None = None
    contact_time_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All that is known about a clip.

    pts_seconds (F,) of the frames in the file; joints (F, J, 2) pixels of the upright picture, x
    right and y down, in the order of `landmarks`; kind as in the spec.
    """

    kind: str
    width: int
    height: int
    slow_motion: float
    pts_seconds: NDArray[np.float64]
    joints: NDArray[np.float64]
    jumps: tuple[JumpTruth, ...]
    landmarks: tuple[str, ...] = JUMP_LANDMARKS

    def to_json(self) -> dict[str, Any]:
        """Plain lists and numbers; pixels to a hundredth."""
        plain = {name: getattr(self, name) for name in ("kind", "width", "height", "slow_motion")}
        return plain | {
            "landmarks": list(self.landmarks),
            "jumps": [asdict(jump) for jump in self.jumps],
            "pts_seconds": self.pts_seconds.round(9).tolist(),
            "joints": self.joints.round(2).tolist(),
        }
