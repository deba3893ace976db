"""The arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from math import isnan
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from posebatch_shared.jobs import TrackOptions


class Quality(StrEnum):
    """Presets: confidences 0.3, 0.5, 0.6 and the size of the model."""

    FAST = "fast"
    BALANCED = "balanced"
    ACCURATE = "accurate"


class Tag(StrEnum):
    """Device tags of queues."""

    ANY = "any"
    GPU = "gpu"
    CPU = "cpu"


class JumpKind(StrEnum):
    """What the clips show; auto says which it saw."""

    AUTO = "auto"
    CMJ = "cmj"
    SQUAT_JUMP = "squat-jump"
    DROP_JUMP = "drop-jump"
    POSE = "pose"


def _number(value: float | None) -> float | None:
    """Neither bound holds off what is not a number."""
    if value is not None and isnan(value):
        raise typer.BadParameter("not a number")
    return value


Paths = Annotated[list[str], typer.Argument(help="Files, folders (searched deeply) or globs.")]
RunName = Annotated[
    str | None, typer.Argument(help="Run id or name, as `runs` lists them; the latest by default.")
]
JobId = Annotated[int, typer.Argument(help="Job id, as `results` lists it.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Tracker = Annotated[
    str | None, typer.Option("--tracker", help="auto, mediapipe, blazepose, rtmpose-cpu, …")
]
Preset = Annotated[Quality, typer.Option("--quality", help="Speed against care.")]
KindOption = Annotated[JumpKind, typer.Option("--kind", help="Kind of jump.")]
Athlete = Annotated[
    str, typer.Option("--athlete", help="auto, largest, moving, left, right or track:N.")
]
SlowMotion = Annotated[
    float | None,
    typer.Option(
        "--slow-motion", min=1.0, max=100.0, callback=_number, help="True rate over played rate."
    ),
]
AthleteHeight = Annotated[
    float | None,
    typer.Option("--athlete-height", min=1.0, max=2.5, callback=_number, help="Stature in metres."),
]
Dense = Annotated[bool, typer.Option("--dense", help="Track every frame, also standing about.")]
Overlay = Annotated[bool, typer.Option("--overlay", help="Draw what was found onto a video.")]
Force = Annotated[bool, typer.Option("--force", help="Compute again what is there already.")]
Name = Annotated[str | None, typer.Option("--name", help="Name of the run.")]
Priority = Annotated[
    int, typer.Option("--priority", min=-1_000_000, max=1_000_000, help="Higher goes first.")
]


def track_options(**values: Any) -> TrackOptions:
    """TrackOptions from what was typed; `tracker` falls back on POSE_TRACKER_BACKEND.

    Errors: UnknownTracker, UsageError, before anything starts.
    """
    from posebatch_shared.jobs import TrackOptions, check_athlete
    from posebatch_shared.settings import load_settings

    check_athlete(values["athlete"])
    values["tracker"] = tracker_name(values["tracker"] or load_settings().tracker_backend)
    plain: dict[str, Any] = {k: getattr(v, "value", v) for k, v in values.items()}
    return TrackOptions(**plain)


def tracker_name(name: str) -> str:
    """The tracker's one name. Errors: UnknownTracker, before anything starts."""
    from posebatch_shared.errors import UnknownTracker
    from posebatch_shared.jobs import TRACKER_ALIASES, TRACKER_NAMES

    name = TRACKER_ALIASES.get(name, name)
    if name not in TRACKER_NAMES:
        raise UnknownTracker(f"no tracker {name!r}; there are {', '.join(TRACKER_NAMES)}")
    return name


def run_name(given: str | None, paths: list[str]) -> str:
    """A run's name: without a given one what was typed, so that the same command carries on."""
    from posebatch_shared.file_names import stored

    typed = " ".join(path.rstrip("/").rsplit("/", 1)[-1] or "/" for path in paths)[:120]
    return stored(given or typed)
