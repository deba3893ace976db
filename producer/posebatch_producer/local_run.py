"""A run on this machine, start to end: what there is, workers for it, the work, and their end."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from posebatch_producer.archive import NO_VIDEOS, check_arguments, scan
from posebatch_producer.service import LocalWorkers, local_devices, local_workers, open_broker
from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.settings import Settings
from posebatch_shared.tuning import tuning


def run_here(
    paths: Sequence[str],
    options: TrackOptions,
    *,
    name: str,
    force: bool,
    settings: Settings,
    carries_on: bool = True,
) -> dict[str, Any]:
    """The run's JSON document. Errors: FileNotFound and UsageError before anything starts.

    A run that is interrupted waits for the same command, or is cancelled unless it `carries_on`.
    """
    check_arguments(paths)
    _on_stops(_interrupt)
    videos = scan(paths, settings.mounts)
    first = list(islice(videos, settings.concurrency or tuning(settings.home).processes))
    if not first:
        raise UsageError(NO_VIDEOS)
    try:
        with _workers(settings, len(first)) as workers:
            # Only now, while the workers start: this imports for as long as they do.
            from posebatch_producer.work_off import work_off

            return work_off(
                settings,
                chain(first, videos),
                options,
                name=name,
                force=force,
                carries_on=carries_on,
                workers=workers,
            )
    except KeyboardInterrupt:
        _on_stops(signal.SIG_IGN)  # there is nothing left to stop
        again = "; run the same command again to carry on" if carries_on else ""
        print(f"stopped{again}", file=sys.stderr)  # noqa: T201
        sys.exit(130)


def _on_stops(handler: Callable[..., None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    """Being told to stop, also by a supervisor, is Ctrl-C: in order, with nothing left behind.

    A library that is interrupted in what it must finish would log a traceback.
    """
    logging.disable()
    raise KeyboardInterrupt


@contextmanager
def _workers(settings: Settings, concurrency: int) -> Iterator[LocalWorkers]:
    with (
        open_broker(settings) as broker_url,
        local_workers(settings, broker_url, concurrency, local_devices()) as workers,
    ):
        yield workers
