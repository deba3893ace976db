"""Which revision the ledger's tables are at, and how they get to the newest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    inspect,
)
from sqlalchemy.exc import OperationalError

from posebatch_shared.errors import UsageError
from posebatch_shared.store.database import translated
from posebatch_shared.store.tables import metadata

#: The revision that this build's code reads and writes.
HEAD = "0006"

#: Any number, the same in every process that migrates.
_ADVISORY_LOCK = 7_302_166_051
_WAL_TRIES = 50

#: As Alembic lays it out.
_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def migrate(engine: Engine, revision: str = HEAD) -> None:
    """Bring the tables to `revision`; waits for another process that does the same.

    Errors: StoreUnavailable; UsageError if a newer release of ours has been here.
    """
    if engine.dialect.name == "sqlite":
        _make_folder(engine)
    with translated():
        current = current_revision(engine)
        if current == revision:
            return
        if current is not None and current > HEAD:
            raise UsageError(f"the ledger is at revision {current}, this release knows {HEAD}")
        with _alone(engine) as connection:
            current = _revision(connection)  # another process may just have done it
            if current is None and revision == HEAD and engine.dialect.name == "sqlite":
                _create(connection)
            elif current != revision:
                _upgrade(connection, revision)


def current_revision(engine: Engine) -> str | None:
    """Revision of the tables, None before the first migration."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(_VERSION.select()).scalar_one_or_none()


def _create(connection: Connection) -> None:
    """A new ledger on one machine, at once: to import Alembic takes longer than to make tables."""
    metadata.create_all(connection)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=HEAD))


def _make_folder(engine: Engine) -> None:
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no second migration runs beside."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _switch_to_wal(connection)
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        yield connection
        connection.commit()


def _switch_to_wal(connection: Connection) -> None:
    # The switch needs the whole file and does not wait for it by itself.
    for _ in range(_WAL_TRIES):
        try:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except OperationalError:
            time.sleep(0.1)
        else:
            return


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "posebatch_shared.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
