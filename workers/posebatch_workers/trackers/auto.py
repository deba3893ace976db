"""Which tracker `auto` stands for here: the first that really starts and whose model is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from posebatch_shared.errors import DeviceUnavailable, ModelMissing, UsageError
from posebatch_workers.trackers.base import Tracker, TrackerRequest

#: Names to try on each device, best first; `any` goes through all of them.
ORDER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cuda": ("rtmpose-cuda", "blazepose"),
        "coreml": ("rtmpose-coreml",),
        "cpu": ("rtmpose-cpu", "blazepose", "mediapipe"),
        "any": ("rtmpose-cuda", "rtmpose-coreml", "rtmpose-cpu", "blazepose", "mediapipe"),
    }
)

Make = Callable[[TrackerRequest], Tracker]


def start(request: TrackerRequest, trackers: Mapping[str, Make]) -> tuple[Tracker, tuple[str, ...]]:
    """The tracker, warm, and why those before it in the order did not do.

    Downloads nothing. Raises DeviceUnavailable if none starts, ModelCorrupt if a model is damaged.
    """
    if request.device not in ORDER:
        raise UsageError(f"No device is called {request.device}; there are {', '.join(ORDER)}.")
    reasons: list[str] = []
    for name in ORDER[request.device]:
        try:
            return trackers[name](replace(request, fetch=False)), tuple(reasons)
        except (DeviceUnavailable, ModelMissing) as error:
            reasons.append(f"{name}: {error}")
    raise DeviceUnavailable(f"No tracker starts on {request.device}. {' '.join(reasons)}")
