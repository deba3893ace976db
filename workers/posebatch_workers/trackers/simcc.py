"""Where a keypoint lies, from one response curve along x and one along y (Li et al. 2022)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import Floats

#: SimCC curves of the RTMPose family have two bins per pixel of the network's input.
BINS_PER_PIXEL = 2.0


def decode_simcc(simcc_x: Floats, simcc_y: Floats) -> tuple[Floats, Floats]:
    """Curves (B, K, Wx) and (B, K, Wy) to points (B, K, 2) in input pixels and scores (B, K).

    The top bin is refined by the parabola through it and its neighbours; the networks are trained
    on Gaussians, whose logarithm is one. The score is the mean of both peaks, cut to 0–1.
    """
    x, top_x = _peaks(simcc_x)
    y, top_y = _peaks(simcc_y)
    points = np.stack([x, y], axis=-1) / BINS_PER_PIXEL
    return points.astype(np.float32), np.clip((top_x + top_y) / 2, 0.0, 1.0)


def _peaks(curves: Floats) -> tuple[NDArray[Any], Floats]:
    """Sub-bin place and height of each curve's maximum along the last axis."""
    bins = curves.shape[-1]
    best = curves.argmax(axis=-1)
    left, top, right = (_at(curves, np.clip(best + step, 0, bins - 1)) for step in (-1, 0, 1))
    bend = left - 2 * top + right
    # A flat top has no bend; at the border one neighbour is missing. Both keep the bin itself.
    sound = (bend < 0) & (best > 0) & (best < bins - 1)
    shift = np.where(sound, 0.5 * (left - right) / np.where(sound, bend, -1.0), 0.0)
    return best + shift, top


def _at(curves: Floats, bins: NDArray[Any]) -> Floats:
    return np.take_along_axis(curves, bins[..., None], axis=-1)[..., 0]
