"""The ledger: the truth about every run, job and result, in SQLite or Postgres."""

from __future__ import annotations

from posebatch_shared.store.ports import Store

__all__ = ["Store", "open_store"]


def open_store(store_url: str) -> Store:
    """The ledger at `sqlite:////path/ledger.sqlite` or `postgresql://…`; does not connect yet.

    Errors: UsageError for any other address.
    """
    from posebatch_shared.store.unit_of_work import SqlStore

    return SqlStore(store_url)
