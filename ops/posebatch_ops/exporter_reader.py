"""How the exporter keeps up with the ledger: a look every few seconds, never during a scrape."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from posebatch_ops.exporter_counters import LedgerCounters
from posebatch_ops.exporter_feed import LedgerFeed
from posebatch_ops.exporter_gauges import LedgerNow, Snapshot, SnapshotCollector
from posebatch_ops.patience import pause_seconds
from posebatch_shared.errors import BrokerUnavailable, PosebatchError, StoreUnavailable
from posebatch_shared.logs import logger
from posebatch_shared.metrics import ALIVE_SECONDS
from posebatch_shared.queue import QUEUES, Doorbell
from posebatch_shared.store.measurements import MeasuredLedger

#: Of all the time, about this share at most is spent looking.
MOST_BUSY = 0.1

log = logger(__name__)


class LedgerReader:
    """Looks at ledger and broker, feeds the counters, replaces the gauges."""

    def __init__(
        self,
        ledger: MeasuredLedger,
        doorbell: Doorbell | None,
        *,
        counters: LedgerCounters,
        gauges: SnapshotCollector,
    ) -> None:
        self._ledger = ledger
        self._doorbell = doorbell
        self._counters = counters
        self._gauges = gauges
        self._feed: LedgerFeed | None = None
        self._away: set[str] = set()

    def run(self, stop: threading.Event, *, every_seconds: float) -> None:
        """Look until told to stop; less often where looking is slow."""
        pause = 0.0
        while not stop.wait(pause):
            pause = pause_seconds(self.refresh(), at_least=every_seconds, share=MOST_BUSY)
            self._gauges.patience.renew(pause)

    def refresh(self) -> float:
        """One look; returns its seconds. A store or broker that is down is a measurement too."""
        started = time.perf_counter()
        ledger = self._read_ledger()
        queues = self._read_queues()
        spent = time.perf_counter() - started
        self._gauges.snapshot = Snapshot(
            ledger=ledger,
            queues=queues,
            has_broker=self._doorbell is not None,
            refresh_seconds=spent,
        )
        return spent

    def _read_ledger(self) -> LedgerNow | None:
        try:
            with self._ledger.measurements() as ledger:
                self._feed = self._feed or LedgerFeed(ledger, self._counters)
                self._feed.advance(ledger)
                workers = ledger.workers(seen_within_seconds=ALIVE_SECONDS)
                for worker in workers:
                    self._counters.expect(worker)
                now = LedgerNow(
                    jobs=ledger.job_counts(),
                    discarded=ledger.discarded_by_code(),
                    frames_under_way=ledger.frames_under_way(),
                    workers=workers,
                )
        except StoreUnavailable as error:
            self._note("ledger", error)
            return None
        self._note("ledger", None)
        return now

    def _read_queues(self) -> Mapping[str, int] | None:
        if self._doorbell is None:
            return None
        try:
            depths: Mapping[str, int] = {queue: self._doorbell.depth(queue) for queue in QUEUES}
        except BrokerUnavailable as error:
            self._note("broker", error)
            return None
        self._note("broker", None)
        return depths

    def _note(self, part: str, error: PosebatchError | None) -> None:
        """A line when a part goes and one when it is back, not one at every look."""
        if error is not None and part not in self._away:
            log.warning(f"{part}_lost", error=str(error))
            self._away.add(part)
        if error is None and part in self._away:
            log.info(f"{part}_back")
            self._away.remove(part)
