"""The body's landmarks inside a crop, as MediaPipe's landmark network and heatmap give them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from posebatch_shared.poses import Floats
from posebatch_workers.trackers.blazepose.regions import Region, around_body, steadied
from posebatch_workers.trackers.sessions import Network

SIDE = 256
BODY = 33  #: landmarks of the skeleton; those after it only steer the next crop
_CENTRE, _EDGE = 33, 34

#: Half the side of the window of the heatmap that refines a landmark, in cells.
_REACH = 3
#: Refine only where the heatmap is this sure.
_SURE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One person: landmarks (33, 3) in units of the picture, visibility (33,), next crop."""

    presence: float
    keypoints: Floats
    visibility: Floats
    next_region: Region


class Landmarks:
    """The landmark network: landmarks (N, 195), presence (N, 1), heatmap (N, 39, 64, 64)."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def find(self, pixels: NDArray[np.uint8], region: Region) -> Body:
        """The body in `region` of an RGB picture."""
        crop = region.crop(pixels, SIDE)
        landmarks, presence, heatmap = self._network.run(pixels=crop[None])
        points = landmarks.reshape(-1, 5)
        places = refined(np.asarray(points[:, :2] / SIDE, np.float32), heatmap[0])
        return _body(region, places, points, float(presence[0, 0]), pixels.shape)


def _body(
    region: Region, places: Floats, points: Floats, presence: float, shape: tuple[int, ...]
) -> Body:
    height, width = shape[:2]
    in_picture = region.to_picture(places)
    depth = points[:, 2:3] / SIDE * region.size
    keypoints = np.concatenate([in_picture, depth], axis=1) / (width, height, width)
    return Body(
        presence=presence,
        keypoints=keypoints[:BODY].astype(np.float32),
        visibility=expit(points[:BODY, 3]),
        next_region=steadied(region, around_body(in_picture[_CENTRE], in_picture[_EDGE])),
    )


def refined(places: Floats, heatmap: Floats) -> Floats:
    """Places (K, 2) of 0–1, moved to the centre of mass of the heatmap (K, H, W) around each.

    As in MediaPipe: a window of 7 × 7 cells, and only where the map is sure of itself.
    """
    nodes, height, width = heatmap.shape
    columns, inside_x = _window(places[:, 0], width)
    rows, inside_y = _window(places[:, 1], height)
    logits = heatmap[np.arange(nodes)[:, None, None], rows[:, :, None], columns[:, None, :]]
    mass = expit(logits) * (inside_y[:, :, None] & inside_x[:, None, :])
    total = mass.sum(axis=(1, 2))
    moved = np.stack(
        [
            (mass.sum(axis=1) * columns).sum(axis=1) / width,
            (mass.sum(axis=2) * rows).sum(axis=1) / height,
        ],
        axis=1,
    )
    sure = (mass.max(axis=(1, 2)) >= _SURE) & _within(places)
    return np.where(sure[:, None], moved / np.maximum(total, 1e-9)[:, None], places)


def _within(places: Floats) -> NDArray[np.bool_]:
    return np.asarray(((places >= 0) & (places < 1)).all(axis=1))


def _window(places: Floats, size: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Cells (K, 7) around each place, clipped to the map, and which of them are on it."""
    cells = np.floor(places * size).astype(np.int64)[:, None] + np.arange(-_REACH, _REACH + 1)
    return np.clip(cells, 0, size - 1), (cells >= 0) & (cells < size)
