"""How SQLite and Postgres are opened and used, and how their errors become ours."""

from __future__ import annotations

import json
import os
import sqlite3
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, UpdateBase, event, text
from sqlalchemy import create_engine as create_sqlalchemy_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DisconnectionError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
    PendingRollbackError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from posebatch_shared.errors import StoreBusy, StoreUnavailable, UsageError
from posebatch_shared.jobs import Claim
from posebatch_shared.store.sqlite_connection import begin_immediate, prepare

#: No statement of ours takes longer; a dead connection is noticed within about as long.
_POSTGRES_ARGUMENTS: Mapping[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "posebatch",
    "client_encoding": "utf8",  # the server may have none of its own, and then gives bytes
}

#: A connection used this recently is used again without asking whether it still stands.
_TRUSTED_SECONDS = 1.0

_UNAVAILABLE = (
    OperationalError,
    InterfaceError,
    InternalError,
    PendingRollbackError,
    PoolTimeout,
    sqlite3.OperationalError,
)

#: A lock was not given in the time allowed (Postgres's lock_not_available).
_NOT_GIVEN = "55P03"

_RELAX = text("SET LOCAL synchronous_commit TO off")

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def create_engine(store_url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…`; does not connect. Raises UsageError."""
    url = _parse(store_url)
    strict_json = partial(json.dumps, allow_nan=False, separators=(",", ":"))
    if url.get_backend_name() == "sqlite":
        engine = create_sqlalchemy_engine(url, json_serializer=strict_json)
        event.listen(engine, "connect", prepare)
    else:
        engine = create_sqlalchemy_engine(
            url,
            json_serializer=strict_json,
            connect_args=dict(_POSTGRES_ARGUMENTS),
        )
        _ping_after_a_pause(engine)
    _forget_connections_after_fork(engine)
    return engine


def _parse(store_url: str) -> URL:
    try:
        url = make_url(store_url)
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        known = url.get_backend_name() in ("sqlite", "postgresql")
    except (ArgumentError, NoSuchModuleError):
        known = False
    if not known:
        raise UsageError("POSEBATCH_STORE_URL must start with sqlite:/// or postgresql://")
    return url


def _ping_after_a_pause(engine: Engine) -> None:
    """A connection that has lain idle is asked whether it still stands, and replaced if not."""

    def note(_: object, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    def ping(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get("used_at", 0.0) < _TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", ping)


def _forget_connections_after_fork(engine: Engine) -> None:
    # A socket shared by two processes mixes up their answers: a child opens its own.
    reference = weakref.ref(engine)

    def forget() -> None:
        inherited = reference()
        if inherited is not None:
            inherited.dispose(close=False)

    os.register_at_fork(after_in_child=forget)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's own failures into StoreUnavailable; mistakes of ours stay as they are."""
    try:
        yield
    except _UNAVAILABLE as error:
        cause = getattr(error, "orig", None) or error
        if getattr(cause, "sqlstate", None) == _NOT_GIVEN:
            raise StoreBusy("another transaction holds what this one needs") from error
        raise StoreUnavailable(f"the ledger does not answer: {cause}") from error


class Transaction:
    """One transaction on one connection, taken from the pool at the first statement.

    Reads see what is committed when they run. In SQLite the first write takes the write lock at
    once, so that a transaction never has to give up half way.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        #: Claims whose stale write was refused, to be logged once this transaction is undone.
        self.refused: list[Claim] = []

    @property
    def is_postgres(self) -> bool:
        """Whether rows can be locked one by one."""
        return self._engine.dialect.name == "postgresql"

    def execute(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[Any]:
        """Run one statement, or one statement for each of many rows."""
        with translated():
            if self._connection is None:
                self._connection = self._engine.connect()
            if isinstance(statement, UpdateBase):
                self.begin_write()
            return self._connection.execute(statement, parameters)

    def begin_write(self) -> None:
        """Take SQLite's write lock before a read on which a write depends."""
        if self.is_postgres:
            return
        with translated():
            if self._connection is None:
                self._connection = self._engine.connect()
            raw = self._connection.connection.dbapi_connection
            if not getattr(raw, "in_transaction", False):
                begin_immediate(raw)

    def relax(self) -> None:
        """Let Postgres answer a commit before it is on disk: for writes that fencing makes up for.

        A claim lost in a crash of the database is a job that waits again.
        """
        if self.is_postgres:
            self.execute(_RELAX)

    def commit(self) -> None:
        """Make the writes last, unless one of them was refused."""
        if self._connection is not None and not self.refused:
            with translated():
                self._connection.commit()

    def close(self) -> None:
        """Undo what was not committed and give the connection back."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with translated():
                connection.close()
