"""The log in SQL: what happened to jobs and runs, and who acted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from posebatch_shared.store.batches import once
from posebatch_shared.store.clock import milliseconds, now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.records import EventRow
from posebatch_shared.store.rows import to_event
from posebatch_shared.store.tables import events

#: Lines that one `purge` removes, so that its transaction stays short.
PURGE_BATCH = 5_000
_DAY_SECONDS = 86_400


class SqlEventRepository:
    """Implements EventRepository."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(
        self,
        kind: str,
        *,
        actor: str,
        run_id: int | None = None,
        job_id: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Append one line."""
        self._transaction.execute(
            insert(events).values(
                at_ms=now_ms(),
                kind=kind,
                actor=actor,
                run_id=run_id,
                job_id=job_id,
                detail=dict(detail or {}),
            )
        )

    def list(
        self, *, job_id: int | None = None, run_id: int | None = None, limit: int = 100
    ) -> Sequence[EventRow]:
        """Newest first."""
        statement = select(events).order_by(events.c.event_id.desc()).limit(limit)
        if job_id is not None:
            statement = statement.where(events.c.job_id == job_id)
        if run_id is not None:
            statement = statement.where(events.c.run_id == run_id)
        return [to_event(row) for row in self._transaction.execute(statement)]

    def purge(self, *, older_than_days: float) -> int:
        """Remove up to PURGE_BATCH old lines; returns how many."""
        limit_ms = now_ms() - milliseconds(older_than_days * _DAY_SECONDS)
        old = select(events.c.event_id).where(events.c.at_ms < limit_ms).limit(PURGE_BATCH)
        statement = delete(events).where(events.c.event_id.in_(once(old)))
        return self._transaction.execute(statement).rowcount
