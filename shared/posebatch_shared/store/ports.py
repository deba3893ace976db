"""What the ledger promises, whatever the database. Times are the database's, never a worker's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from posebatch_shared.jobs import Device, JobState, Run, TrackOptions
from posebatch_shared.results import JobResult, StageTiming
from posebatch_shared.store.job_port import JobRepository
from posebatch_shared.store.records import EventRow, WorkerRow

if TYPE_CHECKING:
    from posebatch_shared.store.views import LedgerViews


class RunRepository(Protocol):
    """Runs: made once, then paused, resumed, cancelled."""

    def add(self, *, name: str, options: TrackOptions, force: bool = False) -> Run: ...
    def get(self, run: int | str) -> Run | None: ...  # id, or name (the newest of that name)
    def named(self, name: str, *, limit: int = 20) -> Sequence[Run]: ...  # newest first
    def latest(self) -> Run | None: ...  # of which there may be something to show
    def list(self, *, limit: int = 50, before: int | None = None) -> Sequence[Run]: ...
    def pause(self, run_id: int) -> None: ...
    def resume(self, run_id: int) -> None: ...

    def cancel(self, run_id: int) -> int:
        """No claim from now on; what waits ends at once, up to some 20,000 jobs (call again, or
        leave the rest to the keepers), and what runs past its lease (the number of all is
        returned). Beats tell what runs."""

    def retry(self, run_id: int, *, states: Sequence[JobState]) -> int:
        """Put jobs in these terminal states back to available, attempts and crashes at zero."""


class ResultRepository(Protocol):
    """Results by content and pipeline, and all that a job's page shows."""

    def find(self, content_hash: str, pipeline_hash: str) -> tuple[int, JobResult] | None: ...
    def of_content(self, content_hash: str) -> Sequence[JobResult]: ...  # newest first
    def get(self, result_id: int) -> JobResult | None: ...
    def timings(self, job_id: int) -> Sequence[StageTiming]: ...  # of the last attempt

    def known_artifacts(self, names: Sequence[str]) -> set[str]:
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
