"""Throughput over the window that a page shows, read now and then, whoever and however many ask."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from posebatch_ops.dashboard.watcher import LOOKING_SHARE, Watcher
from posebatch_ops.patience import pause_seconds
from posebatch_shared.recent_work import WINDOWS, Window, read_throughput
from posebatch_shared.snapshot import Snapshot
from posebatch_shared.store import Store
from posebatch_shared.throughput import Throughput


@dataclass(slots=True)
class Rates:
    """The shortest window comes with every look of the watcher, the others are read when asked."""

    store: Store
    watcher: Watcher
    _known: dict[str, Throughput] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def over(self, window: Window) -> Throughput | None:
        """Rates in the window; None before the first look. Errors: StoreUnavailable."""
        now = self.watcher.latest
        if now is None or window == WINDOWS[0]:
            return now.throughput if now else None
        async with self._lock:
            if time.monotonic() >= self._due.get(window.name, 0.0):
                started = time.monotonic()
                self._known[window.name] = await asyncio.to_thread(self._read, now, window)
                took = time.monotonic() - started
                pause = pause_seconds(took, at_least=window.bucket_seconds / 5, share=LOOKING_SHARE)
                self._due[window.name] = time.monotonic() + pause
        return self._known[window.name]

    def _read(self, now: Snapshot, window: Window) -> Throughput:
        with self.store.views().overview() as overview:
            return read_throughput(overview, now.running, now.workers, window)
