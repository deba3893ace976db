"""Do frames show moments as far apart as the file says? Editors and converters show some pictures
again, and leave others out together with their time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: What moves least against the rest of the body, and is seen best.
TRUNK = ("nose", "left_shoulder", "right_shoulder", "left_hip", "right_hip")
#: A body that moves goes this far from frame to frame, in statures and in the median landmark.
LEAST_STEP = 0.01
#: A picture that stands for longer is no repetition but rest.
LONGEST_REPEAT_SECONDS = 0.2
#: Two steps that are so much alike (the cosine between them) belong to one movement; a picture
#: shown again makes a step of less than this share of both. First what proves that a clip has such
#: pictures, then what is enough where it has. Fewer may be the tracker's chance.
PROOF, HINT = (0.7, 0.25), (0.0, 0.4)
FEWEST_REPEATS = 3
#: No trunk is faster for a single step: so many times as fast as in the two steps before and the
#: two after, each landmark so many times, with all these steps one way and so much alike, it is the
#: way of several steps.
LEAP, LEAST_LEAP, ALIKE = 1.4, 1.2, 0.35
#: By so many standard deviations of the steps' noise, and so many statures (2 cm).
LEAP_DEVIATIONS, LEAST_EXCESS = 4.5, 0.012
#: Steps that count for the noise are this long, in statures, and there are so many of them.
NOISY_STEP, FEWEST_STEPS = 0.006, 6


def repeated(seconds: Array, places: Array, looked_at: Mask) -> Mask:
    """(F,) whether a frame shows the picture before again, in the midst of a movement.

    Where the body stands or turns round this cannot be told, and does no harm. `places` (F, L, 2)
    are those of its landmarks in statures; only frames that a tracker `looked_at` count.
    """
    found = np.zeros(len(seconds), np.bool_)
    looks = np.flatnonzero(looked_at & np.isfinite(places).all(axis=(1, 2)))
    if len(_repeats(seconds[looks], places[looks], *PROOF)) >= FEWEST_REPEATS:
        found[looks[_repeats(seconds[looks], places[looks], *HINT)]] = True
    return found


def _repeats(seconds: Array, places: Array, same_way: float, share: float) -> list[int]:
    steps = np.diff(places, axis=0)
    sizes = np.median(np.linalg.norm(steps, axis=2), axis=1)
    found: list[int] = []
    for before, after in pairwise(np.flatnonzero(sizes >= LEAST_STEP).tolist()):
        small = share * min(sizes[before], sizes[after])
        short = seconds[after] - seconds[before + 1] <= LONGEST_REPEAT_SECONDS
        still = bool(np.all(sizes[before + 1 : after] < small))
        if short and still and _cosine(steps[before], steps[after]) > same_way:
            found += range(before + 2, after + 1)
    return found


def _cosine(one: Array, other: Array) -> float:
    return float((one * other).sum() / (np.linalg.norm(one) * np.linalg.norm(other)))


def leaps(seconds: Array, heights: Array, looked_at: Mask) -> bool:
    """Whether pictures are missing for which the clock leaves no time.

    `heights` (F, T) are those of `TRUNK` in statures. It is seen where the trunk
    rises or falls quickly, and only if more than the tracker's noise: not every time.
    """
    looks = looked_at & np.isfinite(heights).all(axis=1)
    elapsed = np.diff(seconds[looks])[:, None]
    speeds = np.diff(heights[looks], axis=0) / elapsed
    if len(speeds) < FEWEST_STEPS:
        return False
    here, lasts = speeds[2:-2], elapsed[2:-2]
    around = np.stack([speeds[:-4], speeds[1:-3], speeds[3:-1], speeds[4:]])
    usual = around[1:3].mean(axis=0)
    excess = ((here - usual) * lasts).mean(axis=1)
    return bool(np.any(_far_out(excess, usual * lasts) & _leap(here, usual, around)))


def _far_out(excess: Array, usual: Array) -> Mask:
    """(S,) whether a step is longer than the noise of all makes it."""
    moving = np.abs(usual.mean(axis=1)) > NOISY_STEP
    if moving.sum() < FEWEST_STEPS:
        return np.zeros(len(excess), np.bool_)
    sd = 1.4826 * np.median(np.abs(excess[moving]))
    return np.asarray(np.abs(excess) > max(LEAP_DEVIATIONS * sd, LEAST_EXCESS), dtype=np.bool_)


def _leap(here: Array, usual: Array, around: Array) -> Mask:
    """(S,) whether all of the trunk is faster than in four like steps around (4, S, T)."""
    way = np.sign(usual.mean(axis=1))
    others = around.mean(axis=2) * way
    fastest = others.max(axis=0)
    alike = others.min(axis=0) > ALIKE * fastest
    all_faster = np.all(here * way[:, None] > LEAST_LEAP * np.abs(usual), axis=1)
    faster = here.mean(axis=1) * way > LEAP * fastest
    return np.asarray(alike & all_faster & faster, dtype=np.bool_)
