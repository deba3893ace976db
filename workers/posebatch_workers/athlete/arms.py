"""Which way do the arms point?"""

from __future__ import annotations

import numpy as np

from posebatch_workers.athlete.body import SIDES
from posebatch_workers.athlete.curves import Array


def hanging(angle: Array, *, outward: float) -> Array:
    """(F, 2, 3) unit vectors of arms that hang down and are raised forward by `angle` (F, 2)."""
    out = np.broadcast_to(outward * np.array(SIDES), angle.shape)
    vectors = np.stack([np.sin(angle), out, -np.cos(angle)], axis=2)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=2, keepdims=True), dtype=np.float64)


def hands_on_hips(lean: Array) -> tuple[Array, Array]:
    """Upper arms and forearms (F, 2, 3): elbows out, hands at the waist, turned with the trunk."""
    return (
        _with_trunk(lean, forward=-0.45, outward=0.62, up=-0.64),
        _with_trunk(lean, forward=0.52, outward=-0.66, up=-0.54),
    )


def _with_trunk(lean: Array, *, forward: float, outward: float, up: float) -> Array:
    ahead = forward * np.cos(lean) + up * np.sin(lean)
    above = up * np.cos(lean) - forward * np.sin(lean)
    sides = [np.stack([ahead, np.full_like(lean, s * outward), above], axis=1) for s in SIDES]
    length = np.linalg.norm((forward, outward, up))
    return np.asarray(np.stack(sides, axis=1) / length, dtype=np.float64)
