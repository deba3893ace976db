"""Where the athlete's landmarks were, in pixels with y up: as measured, and smoothed on a clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import JUMP_LANDMARKS, PoseSequence
from posebatch_workers.analysis import rhythm, smoothing

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SIDES = ("left", "right")
FEET = ("heel", "foot_index")
#: Nose to heel as a share of stature (D. A. Winter's segment table: eye height 0.936, less a bit
#: for the nose and a bit for the heel, which is seen over the ground).
NOSE_HEIGHT_PER_STATURE = 0.895
#: Shoulders closer together than this share of the trunk's length: a view from the side.
SIDE_VIEW = 0.25
#: A foot whose visibility (0–1) is lower than the other's by this much is hidden behind it.
HIDDEN = 0.2
#: An outlier lies at least this share of the stature away from its neighbours.
OUTLIER_FLOOR_PER_STATURE = 0.025


@dataclass(frozen=True, kw_only=True)
class Motion:
    """One athlete's landmarks over a clip, in real (not slowed) seconds.

    measured_seconds (F,), measured (F, L, 2) px with NaN for holes and outliers; seconds (N,)
    uniform, smooth (N, L, 2) px, lost (N, L) inside holes too long to fill; nodes names the L
    landmarks.
    """

    nodes: tuple[str, ...]
    width: int
    height: int
    measured_seconds: Array
    measured: Array
    visibility: Array
    seconds: Array
    rate_hz: float
    smooth: Array
    lost: Mask
    stature_px: float
    outlier_share: float
    repeats: bool  #: pictures are shown more than once
    leaps: bool  #: pictures are missing, and the time for them

    def track(self, node: str) -> Array:
        """(N, 2) smoothed x and y of one landmark, px, y up."""
        return self.smooth[:, self.nodes.index(node)]

    def middle(self, part: str) -> Array:
        """(N, 2) smoothed middle between the left and the right `part`, px, y up."""
        return (self.track(f"left_{part}") + self.track(f"right_{part}")) / 2

    def between(self, nodes: tuple[str, ...], start: float, end: float) -> tuple[Array, Array]:
        """Times (M,) and mean measured heights (M,) of `nodes` in a stretch, without holes."""
        first = int(np.searchsorted(self.measured_seconds, start, "left"))
        stretch = slice(first, int(np.searchsorted(self.measured_seconds, end, "right")))
        rows = [self.nodes.index(node) for node in nodes]
        height = self.measured[stretch][:, rows, 1].mean(axis=1)
        known = np.isfinite(height)
        return self.measured_seconds[stretch][known], height[known]

    def feet_visibility(self, start: float = -inf, end: float = inf) -> float:
        """Mean visibility (0–1) of the feet that the tracker sees, in a stretch of the clip."""
        rows = [self.nodes.index(node) for node in self.foot_nodes]
        stretch = slice(*np.searchsorted(self.measured_seconds, (start, end)))
        return float(self.visibility[stretch][:, rows].mean())

    @cached_property
    def low_foot(self) -> Array:
        """(N,) height of the lowest foot landmark over where it usually is, px.

        It leaves the ground only if both feet do.
        """
        heights = np.stack([self.track(node)[:, 1] for node in self.foot_nodes], axis=1)
        return np.asarray((heights - np.median(heights, axis=0)).min(axis=1), dtype=np.float64)

    @property
    def tall_px(self) -> Array:
        """(N,) from the nose down to the heels, px."""
        heels = self.middle("heel" if "left_heel" in self.nodes else "ankle")
        return np.asarray((self.track("nose") - heels)[:, 1], dtype=np.float64)

    @cached_property
    def sides(self) -> tuple[str, ...]:
        """The sides whose feet the tracker sees: from the side, the near one.

        A hidden foot is guessed, and at times found on somebody else's leg.
        """
        rows = [self.nodes.index(f"{side}_ankle") for side in SIDES]
        seen = self.visibility[:, rows].mean(axis=0)
        return tuple(side for side, v in zip(SIDES, seen, strict=True) if v > seen.max() - HIDDEN)

    @property
    def foot_nodes(self) -> tuple[str, ...]:
        """Toes and heels, or ankles where a skeleton has no feet."""
        parts = FEET if "left_heel" in self.nodes else ("ankle",)
        return tuple(f"{side}_{part}" for side in self.sides for part in parts)

    @property
    def all_toes(self) -> tuple[str, ...]:
        """What leaves the ground last and reaches it first: toes, or ankles without feet."""
        part = "foot_index" if "left_foot_index" in self.nodes else "ankle"
        return tuple(f"{side}_{part}" for side in SIDES)

    @property
    def toe_nodes(self) -> tuple[str, ...]:
        """The toes of the feet that the tracker sees."""
        return tuple(toe for toe in self.all_toes if toe.startswith(self.sides))

    def at(self, seconds: float) -> int:
        """Sample of the even clock nearest to an instant, inside the clip."""
        return int(np.clip(round(seconds * self.rate_hz), 0, len(self.seconds) - 1))

    @cached_property
    def from_the_side(self) -> bool:
        """Whether the camera looks from the side, where one foot hides the other."""
        across = np.abs(self.track("left_shoulder") - self.track("right_shoulder"))[:, 0]
        trunk = np.linalg.norm(self.middle("shoulder") - self.middle("hip"), axis=1)
        return bool(np.median(across / np.maximum(trunk, 1e-6)) < SIDE_VIEW)

    @property
    def lost_share(self) -> float:
        """Share of the clip in which feet or hips are in a hole too long to fill."""
        return float(self.any_lost(*self.foot_nodes, "left_hip", "right_hip").mean())

    def any_lost(self, *nodes: str) -> Mask:
        """(N,) whether one of these landmarks is in a hole too long to fill."""
        rows = [self.nodes.index(node) for node in nodes]
        return np.asarray(self.lost[:, rows].any(axis=1), dtype=np.bool_)


def read(sequence: PoseSequence, *, slow_motion: float = 1.0) -> Motion:
    """Clean, resample and smooth the jump landmarks of `sequence` (at least 8 frames)."""
    nodes = tuple(node for node in JUMP_LANDMARKS if node in sequence.skeleton.nodes)
    rows = [sequence.skeleton.nodes.index(node) for node in nodes]
    measured = sequence.keypoints[:, rows, :2] * np.array([sequence.width, -sequence.height])
    measured = measured.astype(np.float64)
    true_seconds = (sequence.pts_seconds - sequence.pts_seconds[0]) / slow_motion
    rate_hz = smoothing.densest_rate_hz(true_seconds)
    flat = measured.reshape(len(true_seconds), -1)
    at = np.arange(0.0, true_seconds[-1] + 0.5 / rate_hz, 1.0 / rate_hz)
    stature = stature_px(true_seconds, measured, nodes)
    places = measured / stature
    repeated = rhythm.repeated(true_seconds, places, sequence.looked_at)
    flat[repeated] = np.nan
    heights = places[:, [nodes.index(node) for node in rhythm.TRUNK], 1]
    whole = np.isfinite(flat).all()
    bridged = flat if whole else smoothing.fill(true_seconds, flat, true_seconds)[0]
    usual_hz = smoothing.longest_rate_hz(true_seconds)
    strange = smoothing.outliers(bridged, usual_hz, OUTLIER_FLOOR_PER_STATURE * stature)
    flat[strange] = np.nan
    even, far = smoothing.fill(true_seconds, flat, at)
    moving = even[smoothing.moving_part(even, rate_hz)]
    smooth = smoothing.low_pass(even, rate_hz, smoothing.residual_cutoffs_hz(moving, rate_hz))
    shape = (len(at), len(nodes), 2)
    return Motion(
        nodes=nodes,
        width=sequence.width,
        height=sequence.height,
        measured_seconds=true_seconds,
        measured=flat.reshape(measured.shape),
        visibility=sequence.visibility[:, rows].astype(np.float64),
        seconds=at,
        rate_hz=rate_hz,
        smooth=smooth.reshape(shape),
        lost=np.asarray(far.reshape(shape).any(axis=2), dtype=np.bool_),
        stature_px=stature,
        outlier_share=float(strange.mean()),
        repeats=bool(repeated.any()),
        leaps=rhythm.leaps(true_seconds, heights, sequence.looked_at & ~repeated),
    )


def stature_px(seconds: Array, measured: Array, nodes: tuple[str, ...]) -> float:
    """Standing height of the athlete in pixels: the tallest he is over a tenth of the time.

    A pixel at least, though he may be upside down all the time: no such body falls as ours do.
    """
    low = "heel" if "left_heel" in nodes else "ankle"
    nose = measured[:, nodes.index("nose"), 1]
    feet = [measured[:, nodes.index(f"{side}_{low}"), 1] for side in ("left", "right")]
    tall = nose - np.mean(feet, axis=0)
    known = np.isfinite(tall)
    if not known.any():
        return float("nan")
    order = np.argsort(tall[known])
    lasts = np.gradient(seconds)[known][order].cumsum()
    tallest = tall[known][order][np.searchsorted(lasts, 0.9 * lasts[-1])]
    return max(1.0, float(tallest)) / NOSE_HEIGHT_PER_STATURE
