"""What time it is, by the database's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, FunctionElement
from sqlalchemy.ext.compiler import compiles


class now_ms(FunctionElement[int]):  # noqa: N801 - reads as the SQL function that it is
    """Milliseconds since 1970, UTC; constant within a statement, so that indexes can be used."""

    type = BigInteger()
    inherit_cache = True


@compiles(now_ms, "sqlite")
def _sqlite(element: now_ms, compiler: Any, **options: Any) -> str:
    return "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(now_ms, "postgresql")
def _postgresql(element: now_ms, compiler: Any, **options: Any) -> str:
    return "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)"


def milliseconds(seconds: float) -> int:
    """A span as the ledger counts it."""
    return round(seconds * 1000)


def to_datetime(ms: int) -> datetime:
    """A stored time as an aware UTC datetime."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_optional_datetime(ms: int | None) -> datetime | None:
    """The same for a time that may not have come yet."""
    return None if ms is None else to_datetime(ms)
