"""How long, how wide and how heavy are the parts of the athlete?"""

from __future__ import annotations

from dataclasses import dataclass

#: Free fall, m/s². The one constant that every drawn flight obeys.
GRAVITY_M_S2 = 9.80665

LEFT, RIGHT = 0, 1
#: +1 on the left of the body (y of the world), -1 on the right.
SIDES = (1.0, -1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An athlete's size; lengths in metres follow from it by the usual anthropometric shares.

    Shares of body height after Drillis and Contini as tabulated in Winter, Biomechanics and Motor
    Control of Human Movement; shoes make the foot a little longer and higher than bare feet.
    """

    height_m: float = 1.75
    leg_ratio: float = 1.0  #: legs this much longer than average, trunk shorter in turn
    girth_ratio: float = 1.0  #: limbs and trunk this much thicker than average

    @property
    def thigh_m(self) -> float:
        return 0.245 * self.height_m * self.leg_ratio

    @property
    def shank_m(self) -> float:
        return 0.246 * self.height_m * self.leg_ratio

    @property
    def leg_m(self) -> float:
        return self.thigh_m + self.shank_m

    @property
    def trunk_m(self) -> float:
        return (0.288 + 0.491 * (1.0 - self.leg_ratio)) * self.height_m

    @property
    def neck_m(self) -> float:
        return 0.050 * self.height_m

    @property
    def head_m(self) -> float:
        """From the top of the neck to the middle of the skull."""
        return 0.062 * self.height_m

    @property
    def upper_arm_m(self) -> float:
        return 0.172 * self.height_m

    @property
    def forearm_m(self) -> float:
        return 0.150 * self.height_m

    @property
    def hand_m(self) -> float:
        return 0.075 * self.height_m

    @property
    def hip_half_width_m(self) -> float:
        return 0.052 * self.height_m

    @property
    def shoulder_half_width_m(self) -> float:
        return 0.108 * self.height_m

    @property
    def ankle_height_m(self) -> float:
        return 0.053 * self.height_m

    @property
    def heel_to_ankle_m(self) -> float:
        """Horizontal way from the back of the shoe to the ankle."""
        return 0.038 * self.height_m

    @property
    def heel_to_ball_m(self) -> float:
        return 0.118 * self.height_m

    @property
    def ball_to_toe_m(self) -> float:
        return 0.048 * self.height_m


#: Share of the body's mass, and where its centre lies from the first point to the second
#: (Winter's table, forearm and hand as one).
SEGMENTS = (
    ("mid_hip", "neck", 0.497, 0.50),
    ("neck", "head", 0.081, 1.00),
    *(
        row
        for side in ("left", "right")
        for row in (
            (f"{side}_shoulder", f"{side}_elbow", 0.028, 0.436),
            (f"{side}_elbow", f"{side}_wrist", 0.022, 0.682),
            (f"{side}_hip", f"{side}_knee", 0.100, 0.433),
            (f"{side}_knee", f"{side}_ankle", 0.0465, 0.433),
            (f"{side}_heel", f"{side}_toe", 0.0145, 0.50),
        )
    ),
)
