"""How does a spec become a video file, and the truth about it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from posebatch_shared.poses import JUMP_LANDMARKS
from posebatch_workers.athlete.camera import Camera
from posebatch_workers.athlete.curves import Array
from posebatch_workers.athlete.figure import drawn_points
from posebatch_workers.athlete.jumps import JumpEvents
from posebatch_workers.athlete.motion import Motion, motion_of
from posebatch_workers.athlete.paint import Person, Picture
from posebatch_workers.athlete.palette import ATHLETE
from posebatch_workers.athlete.scene import room, shadow
from posebatch_workers.athlete.skeleton import Points
from posebatch_workers.athlete.spec import ClipSpec
from posebatch_workers.athlete.truth import JumpTruth, Truth

__all__ = ["ClipSpec", "JumpTruth", "Shoot", "Truth", "draw_clip"]

#: Ticks per second of the files: whole for all usual frame rates.
_TICKS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shoot:
    """A motion in front of a camera, before it is drawn: frames one by one, and the truth."""

    spec: ClipSpec
    camera: Camera
    motion: Motion
    ticks: Array
    points: Points

    @classmethod
    def of(cls, spec: ClipSpec) -> Shoot:
        """Plan the clip: nothing is drawn yet."""
        motion = motion_of(spec)
        camera = Camera(
            width=spec.width,
            height=spec.height,
            view_angle_deg=spec.view_angle_deg,
            distance_m=spec.camera_distance_m,
            tilt_deg=spec.tilt_deg,
        )
        ticks = np.round(np.arange(int(motion.seconds * spec.fps)) * _TICKS / spec.fps)
        points = drawn_points(spec.body, motion.score.points(ticks / _TICKS))
        return cls(spec=spec, camera=camera, motion=motion, ticks=ticks, points=points)

    def __len__(self) -> int:
        return len(self.ticks)

    def frames(self) -> Iterator[Picture]:
        """The upright RGB pictures (height, width, 3), one by one."""
        empty = room(self.camera, self.spec.seed)
        person = Person.seen_by(self.camera, self.spec.body, ATHLETE, self.points)
        low = np.minimum(self.points["left_toe"], self.points["right_toe"])
        for i in range(len(self)):
            picture = empty.copy()
            shadow(picture, self.camera, self.points["mid_hip"][i], float(low[i, 2]))
            person.draw(picture, i)
            yield picture

    def truth(self) -> Truth:
        """What is true about the clip."""
        places = [self.points[_POINT_OF.get(name, name)] for name in JUMP_LANDMARKS]
        joints, _ = self.camera.project(np.stack(places, axis=1))
        return Truth(
            kind=self.spec.kind,
            width=self.spec.width,
            height=self.spec.height,
            slow_motion=1.0,
            pts_seconds=self.ticks / _TICKS,
            joints=joints,
            jumps=tuple(_jump_truth(jump) for jump in self.motion.jumps),
        )


_POINT_OF = {
    "left_foot_index": "left_toe_top",
    "right_foot_index": "right_toe_top",
    "left_heel": "left_heel_top",
    "right_heel": "right_heel_top",
}


def _jump_truth(jump: JumpEvents) -> JumpTruth:
    contact = None if jump.touchdown is None else jump.takeoff - jump.touchdown
    return JumpTruth(
        kind=jump.kind,
        start_seconds=jump.start,
        lowest_point_seconds=jump.lowest_point,
        takeoff_seconds=jump.takeoff,
        landing_seconds=jump.landing,
        flight_time_seconds=jump.landing - jump.takeoff,
        jump_height_m=jump.jump_height_m,
        countermovement_depth_m=jump.countermovement_depth_m,
        touchdown_seconds=jump.touchdown,
        contact_time_seconds=contact,
    )


def draw_clip(spec: ClipSpec, path: Path) -> Truth:
    """Draw the clip into a video file and return the truth about it."""
    shoot = Shoot.of(spec)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=Fraction(spec.fps).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = spec.width, spec.height, "yuv420p"
        stream.options = {"crf": str(spec.crf), "preset": "veryfast"}
        stream.codec_context.time_base = Fraction(1, _TICKS)
        for tick, picture in zip(shoot.ticks, shoot.frames(), strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = int(tick), Fraction(1, _TICKS)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return shoot.truth()
