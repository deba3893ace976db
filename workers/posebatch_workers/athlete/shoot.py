"""How does a spec become pictures, one by one, and the truth about them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from posebatch_shared.poses import JUMP_LANDMARKS
from posebatch_workers.athlete.camera import Camera
from posebatch_workers.athlete.clock import Clock, clock_of
from posebatch_workers.athlete.curves import Array
from posebatch_workers.athlete.feasible import check
from posebatch_workers.athlete.jumps import JumpEvents
from posebatch_workers.athlete.motion import Motion, motion_of
from posebatch_workers.athlete.paint import Person, Picture
from posebatch_workers.athlete.palette import ATHLETE
from posebatch_workers.athlete.scene import Scene
from posebatch_workers.athlete.sensor import Sensor
from posebatch_workers.athlete.skeleton import Points
from posebatch_workers.athlete.spec import ClipSpec
from posebatch_workers.athlete.surface import drawn_points
from posebatch_workers.athlete.truth import JumpTruth, Truth

#: Pictures that are averaged for one picture with motion blur.
_BLUR_STEPS = 5
#: Trackers mark the heel bone, not the edge of the shoe.
_POINT_OF = {"left_heel": "left_calcaneus", "right_heel": "right_calcaneus"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shoot:
    """A motion in front of a camera, planned but not drawn."""

    spec: ClipSpec
    camera: Camera
    motion: Motion
    clock: Clock

    @classmethod
    def of(cls, spec: ClipSpec) -> Shoot:
        """Plan the clip. Errors: UsageError if this body cannot do that motion."""
        motion = motion_of(spec)
        check(motion)
        camera = Camera(
            width=spec.width,
            height=spec.height,
            view_angle_deg=spec.view_angle_deg,
            distance_m=spec.camera_distance_m,
            tilt_deg=spec.tilt_deg,
            aim_x_m=motion.middle_m,
        )
        clock = clock_of(spec, motion.seconds)
        return cls(spec=spec, camera=camera, motion=motion, clock=clock)

    def __len__(self) -> int:
        return len(self.clock.ticks)

    def frames(self) -> Iterator[Picture]:
        """The upright RGB pictures (height, width, 3) uint8, one by one; each is its own array."""
        steps = _BLUR_STEPS if self.spec.exposure_seconds else 1
        points = self._points(steps)
        scene = Scene.of(self.camera, self.spec, self.motion.block)
        person = Person.seen_by(self.camera, self.spec.body, ATHLETE, points)
        sensor = Sensor.of(self.spec)
        feet = np.stack([points["left_ball"], points["right_ball"]])
        for i in range(0, steps * len(self), steps):
            middle = i + steps // 2
            ground = scene.with_shadow(feet[:, middle])
            picture = person.exposed(ground, range(i, i + steps))
            scene.draw_in_front(picture)
            yield sensor.read(picture)

    def truth(self) -> Truth:
        """What is true about the clip."""
        points = self._points(1)
        places = [points[_POINT_OF.get(name, name)] for name in JUMP_LANDMARKS]
        joints, _ = self.camera.project(np.stack(places, axis=1))
        slow = self.spec.slow_motion
        return Truth(
            kind=self.spec.kind,
            width=self.spec.width,
            height=self.spec.height,
            slow_motion=slow,
            pts_seconds=self.clock.pts_seconds,
            joints=joints,
            jumps=tuple(_jump_truth(jump, slow) for jump in self.motion.jumps),
        )

    def _points(self, steps: int) -> Points:
        """Points (F · steps, 3), `steps` evenly over the exposure around each picture's time."""
        around = np.linspace(-0.5, 0.5, steps) if steps > 1 else np.zeros(1)
        times: Array = self.clock.taken_seconds[:, None] + self.spec.exposure_seconds * around
        return drawn_points(self.spec.body, self.motion.score.points(times.ravel()))


def _jump_truth(jump: JumpEvents, slow_motion: float) -> JumpTruth:
    landed = jump.touchdown
    return JumpTruth(
        kind=jump.kind,
        start_seconds=slow_motion * jump.start,
        lowest_point_seconds=slow_motion * jump.lowest_point,
        takeoff_seconds=slow_motion * jump.takeoff,
        landing_seconds=slow_motion * jump.landing,
        flight_time_seconds=jump.landing - jump.takeoff,
        jump_height_m=jump.jump_height_m,
        countermovement_depth_m=jump.countermovement_depth_m,
        touchdown_seconds=None if landed is None else slow_motion * landed,
        contact_time_seconds=None if landed is None else jump.takeoff - landed,
    )
