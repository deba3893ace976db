"""What the ledger promises, whatever the database. Times are the database's, never a worker's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from posebatch_shared.errors import PosebatchError
from posebatch_shared.jobs import Claim, Device, Job, JobState, Run, TrackOptions, VideoRef
from posebatch_shared.results import JobResult, StageTiming

if TYPE_CHECKING:
    from posebatch_shared.store.views import LedgerViews


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """Answer to a heartbeat: whether the claim still stands, and what a person asked meanwhile."""

    valid: bool
    cancelled: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A worker as it last reported itself."""

    name: str  #: gpu@host or cpu@host, with the pid behind it
    device: Device
    host: str
    pid: int
    tracker: Mapping[str, Any]  #: TrackerInfo as plain values, empty until the tracker is loaded
    started_at: datetime
    seen_at: datetime
    stats: Mapping[str, Any] = field(default_factory=dict)  #: memory, load seconds, GPU use


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of the log of what happened to jobs and runs, and who acted."""

    event_id: int
    at: datetime
    kind: str
    run_id: int | None
    job_id: int | None
    actor: str
    detail: Mapping[str, Any]


class RunRepository(Protocol):
    """Runs: made once, then paused, resumed, cancelled."""

    def add(self, *, name: str, options: TrackOptions, force: bool = False) -> Run: ...
    def get(self, run: int | str) -> Run | None: ...  # id, or name (the newest of that name)
    def latest(self) -> Run | None: ...
    def list(self, *, limit: int = 50, before: int | None = None) -> Sequence[Run]: ...
    def pause(self, run_id: int) -> None: ...
    def resume(self, run_id: int) -> None: ...

    def cancel(self, run_id: int) -> int:
        """No claim from now on; what waits ends at once, up to some 20,000 jobs (the number is
        returned; call again, or leave the rest to the keepers). Beats tell what runs."""

    def retry(self, run_id: int, *, states: Sequence[JobState]) -> int:
        """Put jobs in these terminal states back to available, attempts and crashes at zero."""


class JobRepository(Protocol):
    """Jobs and the rules of claiming them."""

    def add_many(
        self,
        run: Run,
        videos: Iterable[VideoRef],
        *,
        device: Device = "any",
        priority: int = 0,
        max_attempts: int = 5,
    ) -> int:
        """Insert in batches; a video already in the run is left alone. Returns the number new.

        A larger `priority` is more urgent.
        """

    def get(self, job_id: int) -> Job | None: ...

    def list(
        self,
        run_id: int | None = None,
        *,
        states: Sequence[JobState] = (),
        search: str = "",
        error_code: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> Sequence[Job]:
        """A page in job_id order, keyset after `after`."""

    def counts(self, run_id: int | None = None) -> Mapping[JobState, int]: ...

    def throughput(self, run_id: int) -> tuple[int, float]:
        """Frames tracked by completed jobs (cached ones track none), and the run's wall seconds
        from its first claim to its last end, or to now while it goes on."""

    def running_owners(self) -> set[str]:
        """Who holds a lease now."""

    def reuse_completed(self, run: Run) -> int:
        """Complete the run's waiting jobs whose file (root, path, size, time) has a result under
        the same options, pointing to it; returns how many. No file is read."""

    def reanalysed(self, job_id: int, result: JobResult) -> bool:
        """Point a completed job to another analysis of the same content; False if it is not
        completed, or of other content."""

    def claim(
        self, job_id: int, *, owner: str, devices: Sequence[Device], lease_seconds: float
    ) -> Claim | None:
        """Take this job if it waits, is due, and its run is neither paused nor cancelled.

        One atomic UPDATE: state, owner, attempt + 1, a token larger than any before, lease.
        """

    def claim_next(
        self, *, owner: str, devices: Sequence[Device], lease_seconds: float
    ) -> Claim | None:
        """Take the most urgent job that waits: priority, then age (SKIP LOCKED on Postgres)."""

    def beat(
        self, claim: Claim, *, frames_done: int, frames_total: int | None, lease_seconds: float
    ) -> Beat: ...

    def complete(self, claim: Claim, result: JobResult) -> int:
        """Result, timings and state in this transaction; returns result_id.

        Raises StaleClaim if the token is no longer the job's. If a result of the same content and
        pipeline is there already, the job points to that one.
        """

    def fail(self, claim: Claim, error: PosebatchError, *, timings: Sequence[StageTiming]) -> Job:
        """Retryable with backoff and jitter while attempts are left and it is transient, else
        discarded. Raises StaleClaim."""

    def cancelled(self, claim: Claim) -> None:
        """The worker stopped a cancelled job."""

    def release(self, claim: Claim) -> None:
        """Hand back without using up the attempt (graceful stop, pause)."""

    def rescue(
        self,
        *,
        dead_owners: Sequence[str] = (),
        expired: bool = True,
        limit: int = 100,
        causes: Mapping[str, str] = MappingProxyType({}),
    ) -> Sequence[Job]:
        """Expired leases, and those of owners known to be dead: back to retryable with one crash
        more, or discarded as `worker_crashed` at MAX_CRASHES. `expired=False` leaves the silent
        alone; `causes` says how dead owners died."""

    def explain_crash(self, job_id: int, cause: str) -> None:
        """Say of a job that was rescued from a dead worker how that worker died."""

    def vouch(self, owners: Sequence[str], *, lease_seconds: float, silent_seconds: float) -> int:
        """Extend the leases of owners known to be alive, if they beat in the last
        `silent_seconds`; returns how many."""

    def sweep_cancelled(self) -> int:
        """End what still waits in cancelled runs, a batch at a time; returns how many."""

    def due(self, *, devices: Sequence[Device], limit: int, redispatch: bool) -> Sequence[Job]:
        """Jobs to wake a worker for, most urgent first; marked as dispatched. Without `redispatch`
        only those never dispatched since they last became available."""

    def waiting_dispatched(self, device: Device) -> int:
        """Claimable jobs of this queue that have been dispatched."""


class ResultRepository(Protocol):
    """Results by content and pipeline, and all that a job's page shows."""

    def find(self, content_hash: str, pipeline_hash: str) -> tuple[int, JobResult] | None: ...
    def get(self, result_id: int) -> JobResult | None: ...
    def timings(self, job_id: int) -> Sequence[StageTiming]: ...  # of the last attempt

    def known_artifacts(self, uris: Sequence[str]) -> set[str]:
        """Those of `uris` that some result names."""


class WorkerRepository(Protocol):
    """Workers as they report themselves."""

    def report(
        self,
        *,
        name: str,
        device: Device,
        host: str,
        pid: int,
        tracker: Mapping[str, Any],
        stats: Mapping[str, Any],
    ) -> None:
        """Insert or refresh, seen now."""

    def list(self, *, seen_within_seconds: float | None = None) -> Sequence[WorkerRow]: ...
    def forget(self, name: str) -> None: ...
    def purge(self, *, older_than_days: float) -> int: ...


class EventRepository(Protocol):
    """The append-only log."""

    def add(
        self,
        kind: str,
        *,
        actor: str,
        run_id: int | None = None,
        job_id: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None: ...
    def list(
        self, *, job_id: int | None = None, run_id: int | None = None, limit: int = 100
    ) -> Sequence[EventRow]: ...
    def purge(self, *, older_than_days: float) -> int: ...


class UnitOfWork(Protocol):
    """One short transaction: rolls back unless `commit` was called."""

    runs: RunRepository
    jobs: JobRepository
    results: ResultRepository
    workers: WorkerRepository
    events: EventRepository

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def commit(self) -> None: ...


class Store(Protocol):
    """The ledger as a whole: one per process, opened by `posebatch_shared.store.open_store`."""

    def unit_of_work(self) -> UnitOfWork:
        """Opens one short transaction."""

    def views(self) -> LedgerViews:
        """Reads over many jobs at once, and a person's bulk changes."""

    def migrate(self) -> None:
        """Brings the tables up to date; safe when several processes start at once."""

    def close(self) -> None:
        """Drops the connections."""
