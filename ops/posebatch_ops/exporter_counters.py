"""What only grows: counters and histograms, fed with each row of the ledger once."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from posebatch_ops.exporter_labels import Bounded, origin
from posebatch_shared.errors.advice import errors_by_code
from posebatch_shared.metrics import DURATION_BUCKETS_SECONDS, NAMESPACE, QUEUE_WAIT_STAGE
from posebatch_shared.results import StageTiming
from posebatch_shared.store.measurements import FinishedJob
from posebatch_shared.store.records import EventRow, WorkerRow

RESCUED = "rescued"
STALE_WRITE = "stale_write_refused"
FAILED = "failed"
EVENT_KINDS = (RESCUED, STALE_WRITE, FAILED)

#: Begins the cause of a rescue whose lease ran out, as against a process known to have died.
_FELL_SILENT = "fell silent"

#: In place of a device: no worker did the job.
KNOWN_WHEN_SUBMITTED = ""

#: More hosts, trackers, stages or error codes than these share the label "other".
MOST_HOSTS = 100
MOST_NAMES = 60


class LedgerCounters:
    """All count from our start. Had they begun with the ledger's totals, Prometheus would count
    these once more after a restart that finds fewer, as some jobs were retried."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._host = Bounded(MOST_HOSTS)
        self._tracker, self._stage, self._code = (Bounded(MOST_NAMES) for _ in range(3))
        by_tracker = ("device", "tracker")

        def counter(name: str, text: str, labels: Iterable[str] = ()) -> Counter:
            return Counter(name, text, labels, namespace=NAMESPACE, registry=registry)

        def histogram(name: str, text: str, labels: Iterable[str]) -> Histogram:
            return Histogram(
                name,
                text,
                labels,
                namespace=NAMESPACE,
                unit="seconds",
                buckets=DURATION_BUCKETS_SECONDS,
                registry=registry,
            )

        self._videos = counter("videos_completed", "Videos completed.", by_tracker)
        self._frames = counter("frames_tracked", "Frames tracked.", by_tracker)
        self._cached = counter("cache_hits", "Videos answered by the cache.")
        self._discarded = counter("videos_discarded", "Videos given up.", ("code",))
        self._failed = counter("attempts_failed", "Attempts that ended in an error.", ("code",))
        self._rescued = counter("jobs_rescued", "Jobs taken back from dead or silent workers.")
        self._expired = counter("leases_expired", "Leases that ran out under a silent worker.")
        self._refused = counter("stale_writes_refused", "Late writes under a lost claim.")
        for code in sorted(errors_by_code()):
            # Without these zeros, the first error of a kind would be no increase to Prometheus.
            self._discarded.labels(self._code(code))
            self._failed.labels(code)
        stage_labels = ("stage", "device", "host")
        self._stages = histogram("stage", "Time of one job in one stage.", stage_labels)
        self._waits = histogram("queue_wait", "Time that a job waited for a worker.", ("device",))

    def expect(self, worker: WorkerRow) -> None:
        """Zeros, without which its first video would be no increase to Prometheus."""
        if name := str(worker.tracker.get("name", "")):
            tracker = self._tracker(name)
            self._frames.labels(worker.device, tracker)
            for device in (worker.device, KNOWN_WHEN_SUBMITTED):
                self._videos.labels(device, tracker)

    def completed(self, job: FinishedJob) -> None:
        """One job got through."""
        device, _ = origin(job.owner)
        labels = device, self._tracker(job.tracker)
        self._videos.labels(*labels).inc()
        self._frames.labels(*labels).inc(job.frames)
        self._cached.inc(job.cache_hit)

    def discarded(self, job: FinishedJob) -> None:
        """One job was given up."""
        self._discarded.labels(self._code(job.error_code or "")).inc()

    def stage(self, job: FinishedJob, timing: StageTiming) -> None:
        """Where some of its time went."""
        device, host = origin(job.owner)
        if timing.stage == QUEUE_WAIT_STAGE:
            self._waits.labels(device).observe(timing.seconds)
        else:
            labels = self._stage(timing.stage), device, self._host(host)
            self._stages.labels(*labels).observe(timing.seconds)

    def event(self, event: EventRow) -> None:
        """One line of the log."""
        if event.kind == STALE_WRITE:
            self._refused.inc()
        elif event.kind == FAILED:
            self._failed.labels(self._code(str(event.detail.get("code", "")))).inc()
        elif event.kind == RESCUED:
            self._rescued.inc()
            self._expired.inc(str(event.detail.get("cause", "")).startswith(_FELL_SILENT))
