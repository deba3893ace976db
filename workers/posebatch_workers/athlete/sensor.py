"""What does the camera's sensor do to a picture: brightness and noise?"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from posebatch_workers.athlete.paint import Picture
from posebatch_workers.athlete.spec import ClipSpec

_SPARE_PX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """Gain, then noise: cut from one larger field of noise at another place for each picture."""

    brightness: float
    noise: NDArray[np.int16] | None
    rng: np.random.Generator

    @classmethod
    def of(cls, spec: ClipSpec) -> Sensor:
        """The sensor of this clip."""
        rng = np.random.default_rng(spec.seed + 1)
        shape = (spec.height + _SPARE_PX, spec.width + _SPARE_PX, 3)
        noise = None
        if spec.noise_sd:
            grey = rng.normal(0.0, spec.noise_sd, shape).astype(np.float32)
            noise = np.round(grey).astype(np.int16)
        return cls(brightness=spec.brightness, noise=noise, rng=rng)

    def read(self, picture: Picture) -> Picture:
        """The picture as it is recorded; may be the same array, changed."""
        if self.brightness != 1.0:
            picture = cv2.convertScaleAbs(picture, alpha=self.brightness)
        if self.noise is None:
            return picture
        top, left = self.rng.integers(0, _SPARE_PX, 2)
        cut = self.noise[top : top + picture.shape[0], left : left + picture.shape[1]]
        return np.asarray(cv2.add(picture, cut, dtype=cv2.CV_8U), dtype=np.uint8)
