"""What may be asked of a drawn clip?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from posebatch_shared.errors import UsageError
from posebatch_workers.athlete.body import Body

Kind = Literal[
    "cmj",
    "squat-jump",
    "drop-jump",
    "standing",
    "squats",
    "walking",
    "sitting-down",
    "out-of-frame",
]
Codec = Literal["h264", "hevc10", "vp9", "mpeg4"]
Container = Literal["mp4", "mov", "mkv", "webm", "avi"]

#: From and to, both included.
_RANGES = {
    "height_m": (0.03, 0.9),
    "contact_time_s": (0.12, 0.5),
    "box_height_m": (0.15, 0.7),
    "countermovement_depth_m": (0.08, 0.38),
    "landing_bend_m": (0.0, 0.2),
    "reps": (1, 20),
    "quiet_seconds": (0.3, 60.0),
    "body_height_m": (1.2, 2.2),
    "leg_ratio": (0.9, 1.1),
    "girth_ratio": (0.7, 1.5),
    "view_angle_deg": (-180.0, 180.0),
    "camera_distance_m": (1.5, 12.0),
    "tilt_deg": (-20.0, 20.0),
    "fps": (24.0, 240.0),
    "slow_motion": (1.0, 16.0),
    "width": (64, 4096),
    "height": (64, 4096),
    "exposure_seconds": (0.0, 1 / 24),
    "noise_sd": (0.0, 60.0),
    "brightness": (0.1, 3.0),
    "crf": (0, 51),
}
#: What a container can hold, and what it can say about time and rotation.
_CODECS_OF = {
    "mp4": ("h264", "hevc10", "vp9", "mpeg4"),
    "mov": ("h264", "hevc10", "mpeg4"),
    "mkv": ("h264", "hevc10", "vp9", "mpeg4"),
    "webm": ("vp9",),
    "avi": ("mpeg4",),
}
_ROTATING = ("mp4", "mov")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """One clip of the drawn athlete. Two equal specs give the same pictures.

    Errors: UsageError for a value out of range, or for two that do not go together.
    """

    kind: Kind = "cmj"
    # the motion
    height_m: float = 0.35  #: rise of the centre of mass in the first rep; 5 % less in each next
    contact_time_s: float = 0.22  #: drop jump: from touchdown to take-off
    box_height_m: float = 0.30
    countermovement_depth_m: float = 0.26  #: of the centre of mass below standing
    landing_bend_m: float = 0.0  #: legs so much shorter at landing than at take-off
    arm_swing: bool = False  #: else hands on hips
    reps: int = 1
    quiet_seconds: float = 0.8  #: standing still before and after each jump
    # the athlete
    body_height_m: float = 1.75
    leg_ratio: float = 1.0
    girth_ratio: float = 1.0
    # the camera
    view_angle_deg: float = 90.0  #: 0 from the front, 90 from the athlete's right side
    camera_distance_m: float = 3.4
    tilt_deg: float = 0.0  #: the camera is rolled clockwise by so much
    # the recording
    fps: float = 60.0  #: pictures taken per second of true time
    slow_motion: float = 1.0  #: 8: 240 pictures a second are shown at 30
    variable_frame_rate: bool = False  #: some frames dropped, the others up to 20 % off their time
    width: int = 720  #: of the upright picture
    height: int = 1280
    rotation_degrees: int = 0  #: clockwise turn, in the file, that makes the stored picture upright
    exposure_seconds: float = 0.0  #: motion blur
    noise_sd: float = 0.0  #: sensor noise in grey levels
    brightness: float = 1.0
    bystander: bool = False
    occluder: bool = False  #: a post between camera and athlete
    codec: Codec = "h264"
    container: Container = "mp4"
    crf: int = 23  #: constant rate factor: higher is coarser
    seed: int = 0

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise UsageError(f"{name} is {getattr(self, name)}; it may be {low} to {high}")
        for name, choices in (("kind", get_args(Kind)), ("rotation_degrees", (0, 90, 180, 270))):
            if getattr(self, name) not in choices:
                raise UsageError(f"{name} is {getattr(self, name)}; it may be one of {choices}")
        self._check_combinations()

    def _check_combinations(self) -> None:
        if self.codec not in _CODECS_OF.get(self.container, ()):
            raise UsageError(f"{self.container} does not hold {self.codec}")
        if self.rotation_degrees and self.container not in _ROTATING:
            raise UsageError(f"{self.container} has no rotation; use one of {_ROTATING}")
        if self.variable_frame_rate and self.container == "avi":
            raise UsageError("avi has no variable frame rate")
        if self.kind == "drop-jump" and self.reps > 1:
            raise UsageError("a drop jump is drawn once per clip: nobody climbs back on the box")
        if self.width % 2 or self.height % 2:
            raise UsageError(f"width and height must be even, not {self.width}×{self.height}")

    @property
    def body(self) -> Body:
        """The athlete's size."""
        return Body(
            height_m=self.body_height_m, leg_ratio=self.leg_ratio, girth_ratio=self.girth_ratio
        )
