"""The newest look at the ledger, taken in the background so that no page waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from posebatch_ops.patience import Patience, pause_seconds
from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.logs import logger
from posebatch_shared.snapshot import Snapshot

log = logger(__name__)

#: At most this share of the time is spent looking.
LOOKING_SHARE = 0.2

_HANGS = "it was asked more than a minute ago"


@dataclass(slots=True)
class Watcher:
    """Looks as long as it runs; `latest` is None until the first look has succeeded."""

    look: Callable[[], Snapshot]
    interval_seconds: float = 1.0  #: between two looks, at least
    latest: Snapshot | None = None
    _failure: str | None = None  #: why the last look failed
    _patience: Patience = field(default_factory=Patience)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def error(self) -> str | None:
        """Why `latest` is old, if it is."""
        return self._failure or (_HANGS if self._patience.is_over else None)

    def note(self, error: StoreUnavailable) -> None:
        """A page or a look has met this; it holds until the next look."""
        if self._failure is None:
            log.warning("ledger_lost", error=str(error))
        self._failure = str(error)

    async def run(self) -> None:
        """Look again and again until `stop`."""
        while not self._stop.is_set():
            started = time.monotonic()
            await self._look()
            took = time.monotonic() - started
            pause = pause_seconds(took, at_least=self.interval_seconds, share=LOOKING_SHARE)
            self._patience.renew(pause)
            try:
                await asyncio.wait_for(self._stop.wait(), pause)
            except TimeoutError:
                continue

    async def _look(self) -> None:
        try:
            self.latest = await asyncio.to_thread(self.look)
        except StoreUnavailable as error:
            self.note(error)
            return
        if self._failure is not None:
            log.info("ledger_back")
        self._failure = None

    def stop(self) -> None:
        """End `run` soon."""
        self._stop.set()
