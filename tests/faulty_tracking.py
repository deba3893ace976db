"""What trackers get wrong on real clips, done to a track that was right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import PoseSequence
from trajectories import kept

Chance = np.random.Generator
#: Keypoints (F, K, 3) of a stretch, changed in place.
Fault = Callable[[NDArray[np.float32], Chance], None]


def _lost(keypoints: NDArray[np.float32], chance: Chance) -> None:
    keypoints[:] = np.nan


def _flickering(keypoints: NDArray[np.float32], chance: Chance) -> None:
    keypoints[chance.random(keypoints.shape[:2]) < chance.uniform(0, 1)] = np.nan


def _frozen(keypoints: NDArray[np.float32], chance: Chance) -> None:
    keypoints[:] = keypoints[0]


def _sides_swapped(keypoints: NDArray[np.float32], chance: Chance) -> None:
    left, right = np.arange(1, 13, 2), np.arange(2, 13, 2)
    keypoints[:, np.r_[left, right]] = keypoints[:, np.r_[right, left]]


def _drifting(keypoints: NDArray[np.float32], chance: Chance) -> None:
    keypoints[..., :2] += np.cumsum(chance.normal(0, 0.01, keypoints[..., :2].shape), axis=0)


def _on_somebody_else(keypoints: NDArray[np.float32], chance: Chance) -> None:
    keypoints[..., :2] = keypoints[..., :2] * chance.uniform(0.3, 2) + chance.normal(0, 0.3, 2)


def _shaken(keypoints: NDArray[np.float32], chance: Chance) -> None:
    swings = np.pi * chance.integers(1, 5)
    sway = chance.normal(0, 0.2) * np.sin(np.linspace(0, swings, len(keypoints)))
    keypoints[..., 1] += sway[:, None]


def _anywhere(keypoints: NDArray[np.float32], chance: Chance) -> None:
    keypoints[:] = chance.uniform(-1, 2, keypoints.shape)


_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "lost": _lost,
        "flickering": _flickering,
        "frozen": _frozen,
        "sides swapped": _sides_swapped,
        "drifting": _drifting,
        "on somebody else": _on_somebody_else,
        "shaken": _shaken,
        "anywhere": _anywhere,
    }
)
FAULTS = tuple(_FAULTS)


def spoilt(sequence: PoseSequence, faults: Sequence[str], chance: Chance) -> PoseSequence:
    """The sequence with each fault in a stretch of up to a third of it."""
    keypoints = sequence.keypoints.copy()
    for fault in faults:
        start = int(chance.integers(0, len(keypoints)))
        end = start + int(chance.integers(1, max(2, len(keypoints) // 3)))
        _FAULTS[fault](keypoints[start:end], chance)
    visibility = np.where(np.isfinite(keypoints[..., 0]), sequence.visibility, 0)
    return replace(sequence, keypoints=keypoints, visibility=visibility.astype(np.float32))


def cut(sequence: PoseSequence, chance: Chance) -> PoseSequence:
    """A stretch of the sequence, or only some of its frames, or one with a hole."""
    frames, way = len(sequence), chance.integers(0, 4)
    start, end = sorted(chance.integers(0, frames + 1, 2))
    inside = (np.arange(frames) >= start) & (np.arange(frames) < end)
    chosen = (
        np.ones(frames, np.bool_),
        inside,
        ~inside,
        chance.random(frames) < chance.uniform(0.05, 1),
    )[way]
    chosen[0] = True
    return kept(sequence, chosen)
