"""What may be asked of a drawn clip?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from posebatch_shared.errors import UsageError
from posebatch_workers.athlete.body import Body

Kind = Literal["cmj", "standing"]
Codec = Literal["h264"]
Container = Literal["mp4"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """One clip of the drawn athlete. Two equal specs give the same pictures."""

    kind: Kind = "cmj"
    # the motion
    height_m: float = 0.35  #: rise of the centre of mass in the first rep; 5 % less in each next
    countermovement_depth_m: float = 0.26  #: of the centre of mass below standing
    landing_bend_m: float = 0.0  #: legs this much shorter at landing than at take-off
    arm_swing: bool = False  #: else hands on hips
    reps: int = 1
    quiet_seconds: float = 0.8  #: standing still before and after each jump
    # the athlete
    body_height_m: float = 1.75
    leg_ratio: float = 1.0
    girth_ratio: float = 1.0
    # the camera
    view_angle_deg: float = 90.0  #: 0 from the front, 90 from the athlete's right side
    camera_distance_m: float = 3.0
    tilt_deg: float = 0.0
    # the recording
    fps: float = 60.0
    width: int = 720  #: of the upright picture
    height: int = 1280
    codec: Codec = "h264"
    container: Container = "mp4"
    crf: int = 23  #: constant rate factor: higher is coarser
    seed: int = 0

    def __post_init__(self) -> None:
        _within("fps", self.fps, 24, 240)
        _within("height_m", self.height_m, 0.02, 1.0)
        _within("reps", self.reps, 1, 20)
        _within("width", self.width, 64, 3840)
        _within("height", self.height, 64, 3840)

    @property
    def body(self) -> Body:
        """The athlete's size."""
        return Body(
            height_m=self.body_height_m, leg_ratio=self.leg_ratio, girth_ratio=self.girth_ratio
        )


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UsageError(f"{name} is {value}; a drawn clip takes {low} to {high}")
