"""INSERT … ON CONFLICT for either database, without importing the other one's dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert_into(table: Table, *, postgres: bool) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows `on_conflict_do_…`."""
    if postgres:
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return postgres_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)
