"""Workers in SQL, as they report themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case, delete, select

from posebatch_shared.jobs import Device
from posebatch_shared.store.clock import milliseconds, now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.records import WorkerRow
from posebatch_shared.store.rows import to_worker
from posebatch_shared.store.tables import workers
from posebatch_shared.store.upsert import insert_into


class SqlWorkerRepository:
    """Implements WorkerRepository."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

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
        """Insert or refresh, seen now; another pid under the name is a new start."""
        statement = insert_into(workers, postgres=self._transaction.is_postgres).values(
            name=name,
            device=device,
            host=host,
            pid=pid,
            tracker=dict(tracker),
            stats=dict(stats),
            started_at_ms=now_ms(),
            seen_at_ms=now_ms(),
        )
        new = statement.excluded
        restarted = case(
            (workers.c.pid == new.pid, workers.c.started_at_ms), else_=new.started_at_ms
        )
        refreshed = {
            column: new[column] for column in ("device", "host", "pid", "tracker", "stats")
        }
        self._transaction.execute(
            statement.on_conflict_do_update(
                index_elements=[workers.c.name],
                set_={**refreshed, "started_at_ms": restarted, "seen_at_ms": now_ms()},
            )
        )

    def list(self, *, seen_within_seconds: float | None = None) -> Sequence[WorkerRow]:
        """By name."""
        statement = select(workers).order_by(workers.c.name)
        if seen_within_seconds is not None:
            earliest_ms = now_ms() - milliseconds(seen_within_seconds)
            statement = statement.where(workers.c.seen_at_ms >= earliest_ms)
        return [to_worker(row) for row in self._transaction.execute(statement)]

    def forget(self, name: str) -> None:
        """It has stopped in good order."""
        self._transaction.execute(delete(workers).where(workers.c.name == name))

    def purge(self, *, older_than_days: float) -> int:
        """Forget those that ended without a word so long ago; returns how many."""
        limit_ms = now_ms() - milliseconds(older_than_days * 86_400)
        statement = delete(workers).where(workers.c.seen_at_ms < limit_ms)
        return self._transaction.execute(statement).rowcount
