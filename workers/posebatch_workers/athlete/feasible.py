"""Can this body do what is asked of it?"""

from __future__ import annotations

import numpy as np

from posebatch_shared.errors import UsageError
from posebatch_workers.athlete.body import GRAVITY_M_S2
from posebatch_workers.athlete.motion import Motion

_STEP_SECONDS = 1 / 240
#: Legs from folded to stretched, as shares of their length, with what no eye can see.
_FOLDED, _STRETCHED = 0.50, 1.02
_PULL_M_S2 = 0.5  #: numerical slack of a second difference


def check(motion: Motion) -> None:
    """UsageError if the legs would have to be longer than they are, or the ground would pull."""
    times = np.arange(0.0, motion.seconds, _STEP_SECONDS)
    points, leg_m = motion.score.points(times), motion.score.body.leg_m
    for side in ("left", "right"):
        legs = np.linalg.norm(points[f"{side}_hip"] - points[f"{side}_ankle"], axis=1) / leg_m
        if legs.max() > _STRETCHED or legs.min() < _FOLDED:
            raise UsageError(
                f"the {side} leg would be {legs.min():.2f} to {legs.max():.2f} of its length; "
                "ask for less depth, a longer or shorter contact, or another height"
            )
    heights = motion.score.centre(times)[:, 2]
    lightest = np.diff(heights, 2).min() / _STEP_SECONDS**2
    if lightest < -GRAVITY_M_S2 - _PULL_M_S2:
        raise UsageError(
            f"the body would have to be pulled down at {-lightest:.0f} m/s²; ask for more depth, "
            "a longer contact, or another height"
        )
