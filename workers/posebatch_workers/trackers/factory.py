"""Which tracker a name stands for, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from posebatch_shared.errors import DeviceUnavailable, ModelMissing, UnknownTracker, UsageError
from posebatch_shared.jobs import Preset
from posebatch_workers.trackers.base import Tracker, TrackerRequest


def _mediapipe(variant: str) -> Callable[[TrackerRequest], Tracker]:
    def make(request: TrackerRequest) -> Tracker:
        from posebatch_workers.trackers.mediapipe_pose import create

        return create(request, variant=variant)

    return make


def _blazepose(variant: str) -> Callable[[TrackerRequest], Tracker]:
    def make(request: TrackerRequest) -> Tracker:
        from posebatch_workers.trackers.blazepose.tracker import create

        return create(request, variant=variant)

    return make


#: name → factory; each imports its packages only when it is called.
TRACKERS: Mapping[str, Callable[[TrackerRequest], Tracker]] = MappingProxyType(
    {
        "blazepose": _blazepose("lite"),
        "blazepose-full": _blazepose("full"),
        "blazepose-heavy": _blazepose("heavy"),
        "mediapipe": _mediapipe("lite"),
        "mediapipe-full": _mediapipe("full"),
        "mediapipe-heavy": _mediapipe("heavy"),
    }
)

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "blazepose-lite": "blazepose",
        "mp": "mediapipe",
        "mediapipe-lite": "mediapipe",
    }
)

#: What `auto` tries on each device, best first.
AUTO: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cuda": ("blazepose",),
        "coreml": (),
        "cpu": ("blazepose", "mediapipe"),
    }
)


def create_tracker(
    name: str,
    *,
    quality: Preset,
    device: str = "cpu",
    model_dir: Path | None = None,
    threads: int | None = None,
) -> Tracker:
    """The tracker called `name` (or an alias, or `auto`), loaded and warm.

    Raises UnknownTracker, ModelMissing, ModelCorrupt, DeviceUnavailable.
    """
    request = TrackerRequest(quality=quality, device=device, model_dir=model_dir, threads=threads)
    return _first_that_starts(request) if name == "auto" else _factory(name)(request)


def _factory(name: str) -> Callable[[TrackerRequest], Tracker]:
    factory = TRACKERS.get(ALIASES.get(name, name))
    if factory is None:
        raise UnknownTracker(f"No tracker is called {name}; there are {', '.join(TRACKERS)}.")
    return factory


def _first_that_starts(request: TrackerRequest) -> Tracker:
    """By what really starts and whose model is here already: `auto` downloads nothing."""
    if request.device not in AUTO:
        raise UsageError(f"No device is called {request.device}; there are {', '.join(AUTO)}.")
    reasons = []
    for name in AUTO[request.device]:
        try:
            return TRACKERS[name](replace(request, fetch=False))
        except (DeviceUnavailable, ModelMissing) as error:
            reasons.append(f"{name}: {error}")
    raise DeviceUnavailable(f"No tracker starts on {request.device}. {' '.join(reasons)}")
