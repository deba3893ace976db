"""How each finished job and each line of the log reaches the counters exactly once."""

from __future__ import annotations

from posebatch_ops.exporter_counters import EVENT_KINDS, LedgerCounters
from posebatch_ops.exporter_window import Window
from posebatch_shared.jobs import JobState
from posebatch_shared.store.measurements import FinishedJob, Measurements
from posebatch_shared.store.records import EventRow


class LedgerFeed:
    """Counts what happens from now on, by the ledger's clock."""

    def __init__(self, ledger: Measurements, counters: LedgerCounters) -> None:
        """Errors: StoreUnavailable, and then nothing was counted."""
        self._counters = counters
        start_ms = ledger.now_ms()
        self._finished: Window[FinishedJob] = Window(
            start_ms=start_ms,
            key=lambda job: (job.job_id, job.token),
            at_ms=lambda job: job.finished_at_ms,
        )
        self._events: Window[EventRow] = Window(
            start_ms=start_ms, key=lambda event: event.event_id, at_ms=_at_ms
        )

    def advance(self, ledger: Measurements) -> None:
        """Count what is new. Errors: StoreUnavailable, and then nothing was counted."""
        finished = self._finished.fresh(ledger.finished_since(self._finished.since_ms))
        stages = list(ledger.stages(finished))
        events = self._events.fresh(ledger.events_since(self._events.since_ms, EVENT_KINDS))
        # All is read: from here on nothing can fail half way.
        self._finished.note(finished)
        self._events.note(events)
        for job in finished:
            if job.state is JobState.COMPLETED:
                self._counters.completed(job)
            else:
                self._counters.discarded(job)
        for job, timing in stages:
            self._counters.stage(job, timing)
        for event in events:
            self._counters.event(event)


def _at_ms(event: EventRow) -> int:
    return round(event.at.timestamp() * 1000)
