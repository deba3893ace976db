"""Drawn pictures of an athlete who is not alone: others stand or walk between him and us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np

from posebatch_workers.athlete.body import Body
from posebatch_workers.athlete.clip import ClipSpec, Shoot
from posebatch_workers.athlete.daily import walk
from posebatch_workers.athlete.paint import Person, Picture
from posebatch_workers.athlete.palette import BYSTANDER
from posebatch_workers.athlete.performer import Performer

_LONG_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Somebody with his feet so far nearer to the camera than the athlete, right of him, and over
    the floor; he looks where the athlete looks, or is turned to the right by so much."""

    nearer_m: float
    right_m: float = 0.0
    up_m: float = 0.0
    turned_deg: float = 0.0
    walks: bool = False  #: from 3 m behind that place to 3 m before it, at an even pace

    def seen_in(self, shoot: Shoot) -> Person:
        """As the camera of the clip sees him."""
        body = Body(height_m=1.7)
        performer = Performer.of(body, arm_swing=True)
        if self.walks:
            walk(performer, start_x=-3.0, end_x=3.0)
        else:
            performer.quiet(_LONG_SECONDS)
        seconds = np.minimum(shoot.clock.taken_seconds, performer.now)
        angle = radians(self.turned_deg)
        turn = np.array([[cos(angle), -sin(angle), 0], [sin(angle), cos(angle), 0], [0, 0, 1]])
        place = shoot.camera.world(-self.nearer_m, self.right_m, self.up_m)
        points = performer.score.points(seconds).items()
        points_there = {name: at @ turn + place for name, at in points}
        return Person.seen_by(shoot.camera, body, BYSTANDER, points_there)


def pictures(spec: ClipSpec, *others: Other) -> Iterator[Picture]:
    """The pictures of a clip with these people in front, the farthest first."""
    shoot = Shoot.of(spec)
    people = [other.seen_in(shoot) for other in others]
    for number, picture in enumerate(shoot.frames()):
        for person in people:
            person.draw(picture, number)
        yield picture
