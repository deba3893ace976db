"""How the whole service is getting on at one moment, for status and dashboard alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from posebatch_shared.estimate import TimeLeft, time_left
from posebatch_shared.jobs import CLAIMABLE, TERMINAL, Job, JobState, Run
from posebatch_shared.recent_work import WINDOWS, read_throughput
from posebatch_shared.store import Store
from posebatch_shared.store.measurements import JobCount
from posebatch_shared.store.overview import Overview, ReasonCount
from posebatch_shared.store.ports import UnitOfWork
from posebatch_shared.store.records import WorkerRow
from posebatch_shared.throughput import Throughput

#: Newest runs that are shown; older ones only while they are active.
RUNS_SHOWN = 50
#: A worker that has not reported for longer is not listed.
WORKER_SEEN_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """Waiting jobs of one device tag in runs that go on, and for how long the oldest is due."""

    device: str
    waiting: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """A run, its jobs by state, and how long it still takes (None: cannot be told)."""

    run: Run
    counts: Mapping[JobState, int]
    left: TimeLeft | None
    troubles: Mapping[str, int] = field(default_factory=dict)  #: jobs to be tried again
    met: Mapping[str, str] = field(default_factory=dict)  #: by one of these, for each code

    @property
    def total(self) -> int:
        """All jobs."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """Jobs that need no more work."""
        return sum(number for state, number in self.counts.items() if state in TERMINAL)

    @property
    def state(self) -> str:
        """cancelled, completed (no job is left to do), paused or running."""
        if self.run.cancelled:
            return "cancelled"
        if self.ended == self.total:
            return "completed"
        return "paused" if self.run.paused else "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The ledger at `now_seconds` of its own clock."""

    now_seconds: float
    counts_by_run: Mapping[int, Mapping[JobState, int]]  #: of all runs
    runs: Sequence[RunProgress]  #: newest first
    queues: Sequence[QueueDepth]
    running: Sequence[Job]
    workers: Sequence[WorkerRow]
    failures: Mapping[str, int]
    throughput: Throughput

    @property
    def counts(self) -> Mapping[JobState, int]:
        """Jobs of all runs by state."""
        return sum((Counter(states) for states in self.counts_by_run.values()), Counter())

    @property
    def troubles(self) -> Mapping[str, int]:
        """Why jobs of runs that go on wait to be tried again, and how many."""
        return sum((Counter(progress.troubles) for progress in self.runs), Counter())

    @property
    def met(self) -> Mapping[str, str]:
        """What one job of each of these met, in its own words."""
        return {code: said for progress in self.runs for code, said in progress.met.items()}

    @property
    def unserved(self) -> Mapping[str, int]:
        """Waiting jobs by device tag, where no worker is there that may take them."""
        devices = {worker.device for worker in self.workers}
        served = {*devices, "any"} if devices else set()
        return {queue.device: queue.waiting for queue in self.queues if queue.device not in served}

    @property
    def now(self) -> datetime:
        """`now_seconds` as a time."""
        return datetime.fromtimestamp(self.now_seconds, UTC)

    def jobs_of(self, worker: WorkerRow) -> list[Job]:
        """Jobs that this worker holds; it reports under the name that its leases bear."""
        return [job for job in self.running if job.owner == worker.name]


def read_snapshot(store: Store) -> Snapshot:
    """One look. Errors: StoreUnavailable."""
    with store.views().overview() as overview, store.unit_of_work() as uow:
        job_counts = overview.job_counts()
        counts = counts_by_run(job_counts)
        runs = _runs(uow, counts)
        reasons = overview.reasons()
        running = overview.running()
        workers = uow.workers.list(seen_within_seconds=WORKER_SEEN_SECONDS)
        return Snapshot(
            now_seconds=overview.now_seconds(),
            counts_by_run=counts,
            runs=[_progress(overview, run, counts, reasons) for run in runs],
            queues=_queues(job_counts, runs),
            running=running,
            workers=workers,
            failures=_by_code(row for row in reasons if row.state is JobState.DISCARDED),
            throughput=read_throughput(overview, running, workers, WINDOWS[0]),
        )


def counts_by_run(job_counts: Sequence[JobCount]) -> Mapping[int, Mapping[JobState, int]]:
    """Jobs by state of each run that has any."""
    found: dict[int, Counter[JobState]] = {}
    for row in job_counts:
        found.setdefault(row.run_id, Counter())[row.state] += row.jobs
    return found


def _by_code(reasons: Iterable[ReasonCount]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for row in reasons:
        found[row.code] += row.jobs
    return dict(found.most_common())


def _queues(job_counts: Sequence[JobCount], runs: Sequence[Run]) -> list[QueueDepth]:
    open_runs = {run.run_id for run in runs if not run.paused and not run.cancelled}
    rows = [r for r in job_counts if r.state in CLAIMABLE and r.run_id in open_runs]
    return [
        QueueDepth(
            device=device,
            waiting=sum(row.jobs for row in rows if row.device == device),
            oldest_seconds=max(
                row.oldest_waiting_seconds or 0.0 for row in rows if row.device == device
            ),
        )
        for device in sorted({row.device for row in rows})
    ]


def _runs(uow: UnitOfWork, counts: Mapping[int, Mapping[JobState, int]]) -> list[Run]:
    newest = list(uow.runs.list(limit=RUNS_SHOWN))
    shown = {run.run_id for run in newest}
    active = [run_id for run_id, states in counts.items() if set(states) - TERMINAL]
    older = [uow.runs.get(run_id) for run_id in sorted(set(active) - shown, reverse=True)]
    return newest + [run for run in older if run is not None]


def _progress(
    overview: Overview,
    run: Run,
    counts: Mapping[int, Mapping[JobState, int]],
    reasons: Sequence[ReasonCount],
) -> RunProgress:
    states = counts.get(run.run_id, {})
    if run.paused or run.cancelled:
        return RunProgress(run=run, counts=states, left=None)
    waiting = [row for row in reasons if row.run_id == run.run_id and row.state in CLAIMABLE]
    return RunProgress(
        run=run,
        counts=states,
        left=run_time_left(overview, run.run_id, states),
        troubles=_by_code(waiting),
        met={row.code: row.met for row in waiting},
    )


def run_time_left(
    overview: Overview, run_id: int, counts: Mapping[JobState, int]
) -> TimeLeft | None:
    """The estimate for a run that goes on; None while no job of it runs (all wait for what is
    away, say), or if too little has ended."""
    if not counts.get(JobState.RUNNING):
        return None
    waiting = sum(counts.get(state, 0) for state in CLAIMABLE)
    work = overview.run_work(run_id, waiting=waiting)
    return time_left(work.ended, work.underway, work.waiting, now_seconds=work.now_seconds)
