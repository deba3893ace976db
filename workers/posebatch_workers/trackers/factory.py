"""Which tracker a name stands for, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from posebatch_shared.errors import DeviceUnavailable, PosebatchError, UnknownTracker
from posebatch_shared.jobs import TRACKER_ALIASES, Preset
from posebatch_shared.logs import logger
from posebatch_workers.trackers import auto
from posebatch_workers.trackers.base import Tracker, TrackerRequest

log = logger(__name__)


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


def _rtmpose(device: str) -> Callable[[TrackerRequest], Tracker]:
    def make(request: TrackerRequest) -> Tracker:
        from posebatch_workers.trackers.rtmpose_start import create

        return create(request, device=device)

    return make


def _rtmpose_with_rtmdet(request: TrackerRequest) -> Tracker:
    from posebatch_workers.trackers.rtmpose_start import create

    return create(request, device=request.device, rtmdet=True)


def _rtmo(request: TrackerRequest) -> Tracker:
    from posebatch_workers.trackers.rtmo import create

    return create(request)


#: name → factory; each imports its packages only when it is called.
TRACKERS: Mapping[str, Callable[[TrackerRequest], Tracker]] = MappingProxyType(
    {
        "blazepose": _blazepose("lite"),
        "blazepose-full": _blazepose("full"),
        "blazepose-heavy": _blazepose("heavy"),
        "mediapipe": _mediapipe("lite"),
        "mediapipe-full": _mediapipe("full"),
        "mediapipe-heavy": _mediapipe("heavy"),
        "rtmo": _rtmo,
        "rtmpose-coreml": _rtmpose("coreml"),
        "rtmpose-cpu": _rtmpose("cpu"),
        "rtmpose-cuda": _rtmpose("cuda"),
        "rtmpose-rtmdet": _rtmpose_with_rtmdet,
        "rtmpose-tensorrt": _rtmpose("tensorrt"),
    }
)


def check_name(name: str) -> None:
    """Pass if a tracker, or `auto`, is called so. Raises UnknownTracker."""
    if name != "auto":
        _factory(name)


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
    with starting(name):
        if name != "auto":
            return _factory(name)(request)
        tracker, reasons = auto.start(request, TRACKERS)
    log.info("tracker_chosen", tracker=tracker.info.name, against_better_ones=reasons)
    return tracker


@contextmanager
def starting(name: str) -> Iterator[None]:
    """A library that breaks within is a DeviceUnavailable: no clip is at fault."""
    try:
        yield
    except PosebatchError:
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise DeviceUnavailable(f"{name} does not start: {why}") from error


def _factory(name: str) -> Callable[[TrackerRequest], Tracker]:
    factory = TRACKERS.get(TRACKER_ALIASES.get(name, name))
    if factory is None:
        raise UnknownTracker(f"No tracker is called {name}; there are {', '.join(TRACKERS)}.")
    return factory
