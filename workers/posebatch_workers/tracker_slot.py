"""The one tracker that this process keeps: loaded once, exchanged only when a run names another."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from posebatch_shared.errors import PosebatchError
from posebatch_shared.jobs import Preset, TrackOptions
from posebatch_shared.results import TrackerInfo
from posebatch_workers.trackers.base import Tracker

#: Makes a warmed-up tracker for a name (`auto` included) and a preset.
TrackerFactory = Callable[[str, Preset], Tracker]


class TrackerSlot:
    """Holds at most one tracker, so that a device's memory never holds two models."""

    def __init__(self, create: TrackerFactory, *, default_name: str) -> None:
        self._create = create
        self._default_name = default_name
        self._key: tuple[str, Preset] | None = None
        self._tracker: Tracker | None = None
        self.load_seconds = 0.0
        self.error_code = ""  #: why nothing is loaded

    def get(self, options: TrackOptions) -> Tracker:
        """The tracker that these options ask for. Errors: those of its factory; no clip is at
        fault."""
        name = self._default_name if options.tracker == "auto" else options.tracker
        if self._tracker is None or self._key != (name, options.quality):
            self.close()
            started = perf_counter()
            try:
                self._tracker = self._create(name, options.quality)
            except PosebatchError as error:
                self.error_code = error.code
                raise
            self._key, self.error_code = (name, options.quality), ""
            self.load_seconds = perf_counter() - started
        return self._tracker

    @property
    def info(self) -> TrackerInfo | None:
        """What is loaded now."""
        return self._tracker.info if self._tracker else None

    def close(self) -> None:
        """Free the model, if one is loaded."""
        if self._tracker is not None:
            self._tracker.close()
        self._tracker, self._key = None, None
