"""How does a score of knots, track by track, become a posture and a centre of mass over time?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import radians

import numpy as np

from posebatch_workers.athlete.arms import hands_on_hips, hanging
from posebatch_workers.athlete.body import SIDES, Body
from posebatch_workers.athlete.curves import Array, Curve, Knot
from posebatch_workers.athlete.skeleton import Points, Posture, place

BOTH = ("left", "right")
STANCE_HALF_WIDTH_M = 0.13

#: What a track shows that the score does not mention.
_AT_REST = {
    "com_x": 0.0,
    "com_z": 0.0,
    "lean": radians(2.0),
    "nod": 0.0,
    "heel_lift": 0.0,
    "toe_bend": 0.0,
    "toe_x": 0.0,
    "toe_z": 0.0,
    "hang_x": 0.0,
    "hang_z": 0.0,
    "arm": radians(4.0),
    "elbow": radians(14.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Airborne:
    """A foot is off the ground and hangs from the hips; it lets go of the ground over `blend`."""

    side: str
    start: float
    end: float
    blend: float = 0.0

    def weight(self, times: Array) -> Array:
        """1 while the foot hangs from the hips, 0 while it stands in the world."""
        inside = ((times >= self.start) & (times < self.end)).astype(np.float64)
        if not self.blend:
            return inside
        share = np.clip((times - self.start) / self.blend, 0.0, 1.0)
        return inside * share**3 * (10 - 15 * share + 6 * share**2)


@dataclass(slots=True, kw_only=True)
class Timeline:
    """A score that motions write, knot by knot, in order of time within each track."""

    body: Body
    arm_swing: bool = False
    tracks: dict[str, list[Knot]] = field(default_factory=lambda: defaultdict(list))
    airborne: list[Airborne] = field(default_factory=list)

    def key(self, track: str, *knots: Knot) -> None:
        """Append knots to a track of the whole body."""
        self.tracks[track].extend(knots)

    def limbs(self, track: str, *knots: Knot) -> None:
        """Append knots to a track that left and right have each."""
        for side in BOTH:
            self.tracks[f"{side}.{track}"].extend(knots)

    def hang(self, start: float, end: float) -> None:
        """Both feet are off the ground from `start` to `end`."""
        self.airborne += [Airborne(side=side, start=start, end=end) for side in BOTH]

    def points(self, times: Array) -> Points:
        """All points of the body, each (F, 3), in metres."""
        return place(self.body, self._posture(times), self.centre(times))

    def centre(self, times: Array) -> Array:
        """(F, 3) the centre of mass, which moves in the plane of x and z."""
        x, z = self._curve("com_x")(times), self._curve("com_z")(times)
        return np.stack([x, np.zeros_like(x), z], axis=1)

    def _curve(self, track: str) -> Curve:
        rest = _AT_REST[track.rpartition(".")[2]]
        return Curve(self.tracks.get(track) or [Knot(at=0.0, value=rest)])

    def _sides(self, track: str, times: Array) -> Array:
        return np.stack([self._curve(f"{side}.{track}")(times) for side in BOTH], axis=1)

    def _posture(self, times: Array) -> Posture:
        carried = np.zeros((len(times), 2))
        for flight in self.airborne:
            carried[:, BOTH.index(flight.side)] += flight.weight(times)
        lean = self._curve("lean")(times)
        upper, fore = self._arms(times, lean)
        return Posture(
            lean=lean,
            nod=self._curve("nod")(times),
            heel_lift=self._sides("heel_lift", times),
            toe_bend=self._sides("toe_bend", times),
            toes=self._toes(times, carried[..., None]),
            carried=carried,
            upper_arms=upper,
            forearms=fore,
        )

    def _toes(self, times: Array, carried: Array) -> Array:
        across = np.broadcast_to(STANCE_HALF_WIDTH_M * np.array(SIDES), (len(times), 2))
        standing = (self._sides("toe_x", times), across, self._sides("toe_z", times))
        hung = (self._sides("hang_x", times), across, self._sides("hang_z", times))
        return (1.0 - carried) * np.stack(standing, axis=2) + carried * np.stack(hung, axis=2)

    def _arms(self, times: Array, lean: Array) -> tuple[Array, Array]:
        if not self.arm_swing:
            return hands_on_hips(lean)
        arm, elbow = self._sides("arm", times), self._sides("elbow", times)
        return hanging(arm, outward=0.16), hanging(arm + elbow, outward=0.02)
