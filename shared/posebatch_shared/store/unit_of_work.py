"""The ledger in SQL: opens units of work and keeps the tables up to date."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.store.database import Transaction, create_engine
from posebatch_shared.store.events import SqlEventRepository
from posebatch_shared.store.job_port import JobRepository
from posebatch_shared.store.jobs import SqlJobRepository
from posebatch_shared.store.ports import (
    EventRepository,
    ResultRepository,
    RunRepository,
    UnitOfWork,
    WorkerRepository,
)
from posebatch_shared.store.results import SqlResultRepository
from posebatch_shared.store.runs import SqlRunRepository
from posebatch_shared.store.schema import migrate
from posebatch_shared.store.views import LedgerViews
from posebatch_shared.store.workers import SqlWorkerRepository


class SqlUnitOfWork:
    """Implements UnitOfWork; a refused stale write is logged although its transaction is undone."""

    runs: RunRepository
    jobs: JobRepository
    results: ResultRepository
    workers: WorkerRepository
    events: EventRepository

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._transaction = Transaction(engine)

    def __enter__(self) -> Self:
        self.runs = SqlRunRepository(self._transaction)
        self.jobs = SqlJobRepository(self._transaction)
        self.results = SqlResultRepository(self._transaction)
        self.workers = SqlWorkerRepository(self._transaction)
        self.events = SqlEventRepository(self._transaction)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._transaction.close()
        except StoreUnavailable:
            if error is None:
                raise
        if self._transaction.refused:
            self._log_refusals()

    def commit(self) -> None:
        """Make the writes last. Errors: StoreUnavailable, and then they may or may not have."""
        self._transaction.commit()

    def _log_refusals(self) -> None:
        try:
            with SqlUnitOfWork(self._engine) as uow:
                for claim in self._transaction.refused:
                    uow.events.add(
                        "stale_write_refused",
                        actor=claim.owner,
                        run_id=claim.run.run_id,
                        job_id=claim.job.job_id,
                        detail={"attempt": claim.job.attempt, "token": claim.token},
                    )
                uow.commit()
        except StoreUnavailable:
            return  # the refusal stands; only its line in the log is missing


class SqlStore:
    """Implements Store over one engine, whose connections a forked child does not inherit."""

    def __init__(self, store_url: str) -> None:
        self._engine = create_engine(store_url)

    def unit_of_work(self) -> UnitOfWork:
        """One short transaction."""
        return SqlUnitOfWork(self._engine)

    def views(self) -> LedgerViews:
        """Reads over many jobs at once, and a person's bulk changes."""
        return LedgerViews(self._engine)

    def migrate(self) -> None:
        """Bring the tables up to date; safe when several processes do so at once."""
        migrate(self._engine)

    def close(self) -> None:
        """Drop the connections."""
        self._engine.dispose()
