"""What is now: the ledger, the workers and the queues as gauges, replaced as a whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from posebatch_ops.patience import Patience
from posebatch_shared.jobs import JobState
from posebatch_shared.metrics import NAMESPACE
from posebatch_shared.store.measurements import JobCount
from posebatch_shared.store.records import WorkerRow

#: Newest runs that have series of their own; older ones are counted together.
RUNS_SHOWN = 20
OLDER_RUNS = "older"

_DEVICES = ("gpu", "cpu")

#: Worker statistics that become gauges: name in `WorkerRow.stats`, how those of one host are joined
#: (processes share its GPU, but not their memory), name and meaning of the metric.
_WORKER_GAUGES: tuple[tuple[str, Callable[[Iterable[float]], float], str, str], ...] = (
    ("memory_bytes", sum, "worker_memory_bytes", "Memory of the workers."),
    ("peak_memory_bytes", max, "worker_peak_memory_bytes", "Most that one worker ever held."),
    ("load_seconds", max, "tracker_load_seconds", "Loading and warming up a tracker."),
    ("gpu_utilization", max, "gpu_use_ratio", "Share of time that the GPU computes."),
    ("gpu_memory_bytes", max, "gpu_memory_used_bytes", "GPU memory in use."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerNow:
    """The ledger at one moment."""

    jobs: Sequence[JobCount]
    discarded: Mapping[str, int]  #: by error code
    frames_under_way: int
    workers: Sequence[WorkerRow]  #: those alive


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One look at everything; None where a part did not answer."""

    ledger: LedgerNow | None
    queues: Mapping[str, int] | None  #: wake-ups in Redis, by queue
    has_broker: bool
    refresh_seconds: float


class SnapshotCollector(Collector):
    """Renders the last snapshot; a part that did not answer is absent rather than stale."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None
        self.patience = Patience()

    def collect(self) -> Iterator[Metric]:
        """All gauges; of a ledger that hangs only that it does."""
        now = self.snapshot
        if self.patience.is_over:
            yield _store_up(False)
        elif now is not None:
            yield from _gauges(now)


def _gauges(now: Snapshot) -> Iterator[Metric]:
    yield _store_up(now.ledger is not None)
    yield _one("refresh_seconds", "What the last look at the ledger took.", now.refresh_seconds)
    if now.has_broker:
        yield _one("broker_up", "Whether Redis answers.", now.queues is not None)
    if now.queues is not None:
        yield _family("queue_messages", "Wake-ups in Redis.", ("queue",), now.queues.items())
    if now.ledger is not None:
        yield from _ledger_gauges(now.ledger)


def _store_up(up: bool) -> Metric:
    return _one("store_up", "Whether the ledger answers.", up)


def _ledger_gauges(ledger: LedgerNow) -> Iterator[Metric]:
    yield from _job_gauges(ledger.jobs)
    yield from _worker_gauges(ledger.workers)
    yield _family("discarded_jobs", "Dead letters.", ("code",), ledger.discarded.items())
    text = "Frames done of the jobs that run."
    yield _one("frames_under_way", text, ledger.frames_under_way)


def _job_gauges(counts: Sequence[JobCount]) -> Iterator[Metric]:
    newest = set(sorted({count.run_id for count in counts})[-RUNS_SHOWN:])
    jobs: Counter[tuple[str, str, str]] = Counter()
    oldest = dict.fromkeys((*_DEVICES, "any"), 0.0)
    for count in counts:
        run = str(count.run_id) if count.run_id in newest else OLDER_RUNS
        for state in JobState:  # zeros too, or a state that empties would keep its last value
            jobs[run, state.value, count.device] += count.jobs if state is count.state else 0
        waited = count.oldest_waiting_seconds or 0.0
        oldest[count.device] = max(oldest.get(count.device, 0.0), waited)
    yield _family("jobs", "Jobs by run, state and queue.", ("run", "state", "device"), jobs.items())
    yield _family(
        "oldest_job_seconds",
        "How long the oldest job that could run has been waiting.",
        ("device",),
        oldest.items(),
    )


def _worker_gauges(workers: Sequence[WorkerRow]) -> Iterator[Metric]:
    alive = dict.fromkeys(_DEVICES, 0)
    kinds: Counter[tuple[str, str, str, str]] = Counter()
    for worker in workers:
        alive[worker.device] = alive.get(worker.device, 0) + 1
        tracker, provider = (str(worker.tracker.get(key, "")) for key in ("name", "provider"))
        kinds[worker.device, worker.host, tracker, provider] += 1
    yield _family("workers", "Workers alive.", ("device",), alive.items())
    labels = ("device", "host", "tracker", "provider")
    yield _family("worker_trackers", "Workers by what they really run.", labels, kinds.items())
    for key, join, name, text in _WORKER_GAUGES:
        reported: dict[tuple[str, str], list[float]] = defaultdict(list)
        for worker in workers:
            if key in worker.stats:
                reported[worker.device, worker.host].append(float(worker.stats[key]))
        joined = {place: join(values) for place, values in reported.items()}
        yield _family(name, text, ("device", "host"), joined.items())


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{NAMESPACE}_{name}", text, value=float(value))


def _family(
    name: str,
    text: str,
    labels: Sequence[str],
    values: Iterable[tuple[str | tuple[str, ...], float]],
) -> Metric:
    family = GaugeMetricFamily(f"{NAMESPACE}_{name}", text, labels=labels)
    for key, value in values:
        family.add_metric([key] if isinstance(key, str) else list(key), value)
    return family
