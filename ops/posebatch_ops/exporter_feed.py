"""How each finished job and each line of the log reaches the counters exactly once."""

from __future__ import annotations

from posebatch_ops.exporter_counters import EVENT_KINDS, LedgerCounters
from posebatch_ops.exporter_window import OVERLAP_MS, Window
from posebatch_shared.jobs import JobState
from posebatch_shared.store.measurements import FinishedJob, Measurements
from posebatch_shared.store.records import EventRow


class LedgerFeed:
    """Starts with the ledger's totals, then adds what is new."""

    def __init__(self, ledger: Measurements, counters: LedgerCounters) -> None:
        """Errors: StoreUnavailable, and then nothing was counted."""
        self._counters = counters
        self._start_ms = ledger.now_ms()
        # The windows go back a little over their start, so the totals end where they begin.
        totals = ledger.completed_before(self._start_ms - OVERLAP_MS)
        self._finished: Window[FinishedJob] = Window(
            start_ms=self._start_ms,
            key=lambda job: (job.job_id, job.token),
            at_ms=lambda job: job.finished_at_ms,
        )
        self._events: Window[EventRow] = Window(
            start_ms=self._start_ms, key=lambda event: event.event_id, at_ms=_at_ms
        )
        counters.start_from(totals)

    def advance(self, ledger: Measurements) -> None:
        """Count what is new. Errors: StoreUnavailable, and then nothing was counted."""
        finished = self._finished.fresh(ledger.finished_since(self._finished.since_ms))
        new = [job for job in finished if job.finished_at_ms >= self._start_ms]
        stages = list(ledger.stages(new))
        events = self._events.fresh(ledger.events_since(self._events.since_ms, EVENT_KINDS))
        # All is read: from here on nothing can fail half way.
        self._finished.note(finished)
        self._events.note(events)
        for job in finished:
            if job.state is JobState.COMPLETED:
                self._counters.completed(job)
        for job in new:
            if job.state is JobState.DISCARDED:
                self._counters.discarded(job)
        for job, timing in stages:
            self._counters.stage(job, timing)
        for event in events:
            if _at_ms(event) >= self._start_ms:
                self._counters.event(event)


def _at_ms(event: EventRow) -> int:
    return round(event.at.timestamp() * 1000)
