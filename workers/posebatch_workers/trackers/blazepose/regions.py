"""The square of the picture that a network looks at, and the way there and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import atan2, ceil, cos, hypot, log, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import Floats

#: Crops closer than this share of their side, and this change of size and turn, look the same.
_SAME_PLACE, _SAME_FORM = 0.02, 0.04

#: People do not stand closer than this share of their crop, or are of quite another size.
_SAME_HIPS, _SAME_SIZE = 0.1, 0.5

#: A person within a crop around several is at most this share of it.
_PART = 0.8

#: A picture wider than this share of its height is looked at in several squares.
_WIDE = 1.25

#: How much wider than the circle around the body the crop is, as the networks were trained.
MARGIN = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A square in the picture: centre and side in pixels, clockwise turn in radians."""

    x: float
    y: float
    size: float
    turn: float = 0.0

    def to_picture(self, points: Floats) -> Floats:
        """(…, 2) positions of 0–1 in the square → pixels in the picture."""
        matrix = self._matrix(1)
        return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32)

    def crop(
        self, pixels: NDArray[np.uint8], side: int, *, border: int = cv2.BORDER_REPLICATE
    ) -> NDArray[np.uint8]:
        """The square as (side, side, 3), linear between pixels, `border` outside the picture."""
        crop = cv2.warpAffine(
            pixels,
            self._matrix(side),
            (side, side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
        )
        return np.asarray(crop, dtype=np.uint8)

    def wider(self, factor: float) -> Region:
        """The upright square around the same centre, `factor` times as wide."""
        return Region(x=self.x, y=self.y, size=self.size * factor)

    def _matrix(self, side: int) -> NDArray[np.float64]:
        """(2, 3) map from a square of `side` to the picture."""
        across, down = self.size * cos(self.turn) / side, self.size * sin(self.turn) / side
        half = side / 2
        return np.array(
            [
                [across, -down, self.x - half * across + half * down],
                [down, across, self.y - half * down - half * across],
            ]
        )


def steadied(held: Region, wanted: Region) -> Region:
    """`held` as long as `wanted` is about the same, else `wanted`.

    The networks answer a little differently to every crop, so a crop that trembles makes a person
    who stands still tremble: on noisy stills four times as much as one that is held. A person who
    moves leaves the band at once, so nothing lags.
    """
    same_place = hypot(wanted.x - held.x, wanted.y - held.y) < _SAME_PLACE * held.size
    same_size = abs(log(wanted.size / held.size)) < _SAME_FORM
    same_turn = abs(_half_turn(wanted.turn - held.turn)) < _SAME_FORM
    return held if same_place and same_size and same_turn else wanted


def _half_turn(angle: float) -> float:
    """The same angle within −π…π."""
    return (angle + pi) % (2 * pi) - pi


def same_person(one: Region, other: Region) -> bool:
    """Whether two crops are of one body: hips and size nearly agree."""
    apart = hypot(one.x - other.x, one.y - other.y) / min(one.size, other.size)
    return apart < _SAME_HIPS and abs(log(one.size / other.size)) < _SAME_SIZE


def distinct(regions: Sequence[Region]) -> list[Region]:
    """Each person once: squares side by side overlap."""
    kept: list[Region] = []
    for region in regions:
        if not any(same_person(region, other) for other in kept):
            kept.append(region)
    return kept


def holds_several(one: Region, others: Sequence[Region]) -> bool:
    """Whether a crop is around two people or more, one above the other: the detector took them for
    one large body. People side by side rather stand behind one."""
    inside = [
        other
        for other in others
        if other.size < _PART * one.size
        and hypot(other.x - one.x, other.y - one.y) < one.size / 2 / MARGIN
    ]
    return any(abs(a.y - b.y) > abs(a.x - b.x) for a, b in combinations(inside, 2))


def whole_picture(pixels: NDArray[np.uint8]) -> Region:
    """The smallest square around the picture, centred on it."""
    height, width = pixels.shape[:2]
    return Region(x=width / 2, y=height / 2, size=float(max(width, height)))


def squares_of(pixels: NDArray[np.uint8]) -> list[Region]:
    """Where to look for people so that all of the picture is seen: the square around it, or if it
    is wide, squares as high as it side by side. In one square around a wide picture people are so
    small that the detector takes two who stand beside each other for one, the larger."""
    height, width = pixels.shape[:2]
    if width <= _WIDE * height:
        return [whole_picture(pixels)]
    middles = np.linspace(height / 2, width - height / 2, ceil(width / height)).tolist()
    return [Region(x=x, y=height / 2, size=float(height)) for x in middles]


def around_body(centre: Floats, edge: Floats) -> Region:
    """The crop for a person: `centre` between the hips, `edge` (both in pixels) on the circle
    around the whole body, in the direction of the head."""
    across, down = float(edge[0] - centre[0]), float(edge[1] - centre[1])
    return Region(
        x=float(centre[0]),
        y=float(centre[1]),
        size=max(2 * MARGIN * hypot(across, down), 1.0),
        turn=_half_turn(pi / 2 - atan2(-down, across)),
    )
