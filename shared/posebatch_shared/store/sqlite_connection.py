"""How a connection to SQLite is set up, and how writers take turns."""

from __future__ import annotations

import random
import sqlite3
import time
from typing import Any

#: A writer waits this long for SQLite's one write lock before it gives up.
BUSY_TIMEOUT_SECONDS = 15


def prepare(connection: Any, _record: object) -> None:
    """Listens to SQLAlchemy's `connect`."""
    connection.isolation_level = None  # `begin_immediate` says BEGIN, not the driver
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-20000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def begin_immediate(connection: Any) -> None:
    """Take the write lock. Errors: sqlite3.OperationalError after BUSY_TIMEOUT_SECONDS."""
    # SQLite's own waiting sleeps ever longer, up to 100 ms; writers that take turns need less.
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while not _try_begin(connection, give_up=time.monotonic() > deadline):
            time.sleep(random.uniform(0.0005, 0.003))  # noqa: S311 - no secret
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")


def _try_begin(connection: Any, *, give_up: bool) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if give_up or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
