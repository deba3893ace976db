"""What the parts of the job repository share: the transaction, the log and the results."""

from __future__ import annotations

from posebatch_shared.store.database import Transaction
from posebatch_shared.store.events import SqlEventRepository
from posebatch_shared.store.results import SqlResultRepository


class JobBase:
    """Opened on a transaction, gone with it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._results = SqlResultRepository(transaction)
        self._events = SqlEventRepository(transaction)
