"""The ledger for those who watch it: reads over many jobs, and a person's bulk changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from posebatch_shared.store.bulk import BulkJobs
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.deletion import RunDeletion
from posebatch_shared.store.headers import Headers
from posebatch_shared.store.overview import Overview
from posebatch_shared.store.pages import Pages


class LedgerViews:
    """Each view is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def overview(self) -> Iterator[Overview]:
        """Sums over everything. Errors: StoreUnavailable."""
        with self._transaction() as transaction:
            if transaction.is_postgres:
                # Whoever watches must not take all cores from those who work.
                transaction.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
            yield Overview(transaction)

    @contextmanager
    def pages(self) -> Iterator[Pages]:
        """Lists, page by page. Errors: StoreUnavailable."""
        with self._transaction() as transaction:
            yield Pages(transaction)

    @contextmanager
    def bulk(self) -> Iterator[BulkJobs]:
        """Changes that last if the block ends without an error. Errors: StoreUnavailable."""
        with self._transaction() as transaction:
            yield BulkJobs(transaction)
            transaction.commit()

    @contextmanager
    def deletion(self) -> Iterator[RunDeletion]:
        """What is deleted stays so if the block ends without an error. Errors: StoreUnavailable."""
        with self._transaction() as transaction:
            yield RunDeletion(transaction)
            transaction.commit()

    @contextmanager
    def headers(self) -> Iterator[Headers]:
        """A sample of files and what they say; kept if the block ends without an error."""
        with self._transaction() as transaction:
            yield Headers(transaction)
            transaction.commit()

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        transaction = Transaction(self._engine)
        try:
            yield transaction
        finally:
            transaction.close()
