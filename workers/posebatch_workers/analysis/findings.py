"""What an analysis says: jumps with their metrics, phases, quality; and all of it as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from posebatch_shared.results import INSTANTS

Kind = Literal["auto", "cmj", "squat-jump", "drop-jump", "pose"]
JumpKind = Literal["cmj", "squat-jump", "drop-jump"]
SeenKind = Literal["cmj", "squat-jump", "drop-jump", "pose", "none"]
Level = Literal["high", "medium", "low"]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One named stretch of a jump (`rep` counts from 1), in seconds of the clip."""

    name: str
    start_seconds: float
    end_seconds: float
    rep: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """One jump. Instants are seconds of the clip's own clock, durations are real seconds.

    Every metric's formula and source: ops/docs/metrics.md.
    """

    rep: int
    kind: JumpKind
    takeoff_seconds: float
    landing_seconds: float
    flight_time_seconds: float
    flight_time_interval_seconds: Interval
    jump_height_m: float
    jump_height_interval_m: Interval
    touchdown_seconds: float | None = None
    contact_time_seconds: float | None = None
    rsi_flight_over_contact: float | None = None
    rsi_height_over_contact: float | None = None
    rsi_modified: float | None = None
    time_to_takeoff_seconds: float | None = None
    drop_height_m: float | None = None
    countermovement_depth_m: float | None = None
    peak_lowering_velocity_m_s: float | None = None
    peak_push_off_velocity_m_s: float | None = None
    hip_rise_m: float | None = None
    knee_angle_lowest_degrees: float | None = None
    hip_angle_lowest_degrees: float | None = None
    shank_lean_lowest_degrees: float | None = None
    trunk_lean_lowest_degrees: float | None = None
    metres_per_pixel: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How far the numbers can be trusted: 0–100, from named parts of 0–1, and what is wrong."""

    score: float
    level: Level
    parts: dict[str, float]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Hips and lowest foot over the clip, for a plot: metres, or pixels without a scale."""

    unit: Literal["m", "px"]
    seconds: list[float] = field(default_factory=list)
    hip_height: list[float] = field(default_factory=list)
    foot_height: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The answer for one clip.

    `note` says that there is no jump, where there is none; `bias_undone` how the tracker's bias,
    which is taken off every event, was measured.
    """

    version: str
    requested_kind: Kind
    kind: SeenKind
    jumps: tuple[Jump, ...]
    phases: tuple[Phase, ...]
    quality: Quality
    slow_motion: float
    metres_per_pixel: float | None
    metres_per_pixel_from_gravity: float | None
    metres_per_pixel_from_stature: float | None
    note: str | None
    bias_undone: str
    series: Series

    def on_clip_time(self, first_seconds: float, slow_motion: float) -> Analysis:
        """Instants moved from real seconds after the first frame to the clip's own clock."""

        def clip(seconds: float) -> float:
            return first_seconds + seconds * slow_motion

        def moved(item: Any, *names: str) -> Any:
            known = {name: getattr(item, name) for name in names}
            return replace(item, **{n: None if t is None else clip(t) for n, t in known.items()})

        return replace(
            self,
            jumps=tuple(moved(jump, *INSTANTS) for jump in self.jumps),
            phases=tuple(moved(phase, "start_seconds", "end_seconds") for phase in self.phases),
            series=replace(self.series, seconds=[clip(t) for t in self.series.seconds]),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain lists, numbers and words; floats rounded to what they can bear."""
        plain: dict[str, Any] = _rounded(asdict(self))
        return plain


def nothing_seen(version: str, requested: Kind) -> Analysis:
    """The answer for a clip in which the athlete is hardly ever seen."""
    return Analysis(
        version=version,
        requested_kind=requested,
        kind="pose" if requested == "pose" else "none",
        jumps=(),
        phases=(),
        quality=Quality(score=0.0, level="low", parts={}, warnings=("athlete not seen",)),
        slow_motion=1.0,
        metres_per_pixel=None,
        metres_per_pixel_from_gravity=None,
        metres_per_pixel_from_stature=None,
        note=None if requested == "pose" else "no jump found",
        bias_undone="",
        series=Series(unit="px"),
    )


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 5)
        case dict():
            return {key: _rounded(item) for key, item in value.items()}
        case list() | tuple():
            return [_rounded(item) for item in value]
        case _:
            return value
