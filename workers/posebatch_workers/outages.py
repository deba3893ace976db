"""Is an error the clip's own, or is something away that every clip needs? Then a worker waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from posebatch_shared.errors import (
    ArtifactsUnavailable,
    DecoderCrashed,
    DecoderTimeout,
    DeviceUnavailable,
    DiskFull,
    FileNotFound,
    FileUnreadable,
    ModelCorrupt,
    ModelMissing,
    PosebatchError,
    SystemFailure,
    UnknownTracker,
    unforeseen,
)
from posebatch_shared.jobs import TrackOptions, VideoRef
from posebatch_shared.logs import logger
from posebatch_shared.store.backoff import OUTAGE_SECONDS
from posebatch_workers.surroundings import Surroundings

log = logger(__name__)

#: What a job may meet if the fault is not its clip's.
_SUSPECT = (
    ArtifactsUnavailable,
    DecoderCrashed,
    DecoderTimeout,
    DeviceUnavailable,
    DiskFull,
    FileNotFound,
    FileUnreadable,
    ModelCorrupt,
    ModelMissing,
    SystemFailure,
    UnknownTracker,  # to this version
)


class Outage(Exception):
    """What a job needs is away, and would be for any other job like it."""

    def __init__(self, away: PosebatchError) -> None:
        super().__init__(str(away))
        self.away = away


class Outages:
    """Keeps a process from running through an archive, job by job, while its disk is away, or
    for want of a tracker that another machine has.

    Only while what is away stays away when it is asked for without the clip is there an outage; a
    clip that fails all the same uses up its attempts like any other.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        stop_file: Path,
        pause_seconds: float = OUTAGE_SECONDS,
        look_seconds: float = 2.0,
    ) -> None:
        self._surroundings = surroundings
        self._stop_file = stop_file
        self._pause_seconds, self._look_seconds = pause_seconds, look_seconds
        self._check: Callable[[], None] | None = None

    @property
    def is_one(self) -> bool:
        """Whether something was away when the last job ended."""
        return self._check is not None

    @contextmanager
    def told_apart(self, video: VideoRef, options: TrackOptions) -> Iterator[None]:
        """Errors raised in here go on as they are, or as Outage if that is what is behind them."""
        try:
            yield
        except Exception as error:
            known = error if isinstance(error, PosebatchError) else unforeseen(error)
            away = self._behind(known, video, options)
            if away is None:
                raise
            raise Outage(away) from error

    def wait(self) -> None:
        """Return once nothing is away, or the worker is to stop, or the pause is over: then the
        next job tells whether there still is an outage."""
        until = time.monotonic() + self._pause_seconds
        while self._check and time.monotonic() < until and not self._stop_file.exists():
            time.sleep(self._look_seconds)
            if _met_by(self._check) is None:
                log.info("outage_over")
                break
        self._check = None

    def _behind(
        self, error: PosebatchError, video: VideoRef, options: TrackOptions
    ) -> PosebatchError | None:
        if not isinstance(error, _SUSPECT):
            return None
        check = partial(self._surroundings.check, video, options)
        away = _met_by(check)
        if away is not None:
            log.warning("outage", code=away.code, error=str(away))
            self._check = check
        return away


def _met_by(check: Callable[[], None]) -> PosebatchError | None:
    try:
        check()
    except PosebatchError as error:
        return error
    return None
