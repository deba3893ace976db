"""Migrations: from every earlier revision, with data, to tables that equal the code's."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from ledgers import OTHER, add_run, complete, job_of, must_claim
from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import JobState
from posebatch_shared.store import Store, open_store
from posebatch_shared.store.database import create_engine
from posebatch_shared.store.schema import HEAD, current_revision, migrate
from posebatch_shared.store.tables import metadata


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", "posebatch_shared.store:migrations")
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in scripts][::-1]


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new folder' / 'ledger.sqlite'}"
    admin = request.getfixturevalue("postgres_server")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
        connection.execute("CREATE DATABASE empty")
    return str(admin).replace("/postgres?", "/empty?")


def test_a_server_without_a_locale_keeps_any_name(postgres_server: str) -> None:
    """Its databases are of no encoding (SQL_ASCII), as initdb makes them where LANG is not set."""
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS plain WITH (FORCE)")
        admin.execute("CREATE DATABASE plain ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    store = open_store(postgres_server.replace("/postgres?", "/plain?"))
    store.migrate()
    run = add_run(store, name="跳躍 Höhe")
    with store.unit_of_work() as uow:
        assert uow.runs.get(run.run_id).name == "跳躍 Höhe"
    store.close()


def test_the_code_knows_the_newest_revision() -> None:
    assert revisions()[-1] == HEAD


@pytest.mark.parametrize("revision", revisions()[:-1])
def test_data_survives_the_way_up(empty_url: str, revision: str) -> None:
    engine = create_engine(empty_url)
    migrate(engine, revision)
    _fill(engine)
    store = open_store(empty_url)
    store.migrate()
    waiting, running = job_of(store, 1), job_of(store, 2)
    assert (waiting.state, running.state) == (JobState.AVAILABLE, JobState.RUNNING)
    assert running.video.path == "b.mp4"
    complete(store, must_claim(store, 1))
    with store.unit_of_work() as uow:
        assert [job.job_id for job in uow.jobs.rescue(dead_owners=[OTHER])] == [2]
    store.close()
    engine.dispose()


def _fill(engine: Engine) -> None:
    rows = (
        "INSERT INTO runs (run_id, name, options, options_digest, force, created_at_ms) "
        "VALUES (1, 'old', '{}', 'd', false, 1000)",
        "INSERT INTO videos (video_id, root, path, size_bytes, mtime_ns) "
        "VALUES (1, 'r', 'a.mp4', 1, 1), (2, 'r', 'b.mp4', 2, 2)",
        "INSERT INTO jobs (job_id, run_id, video_id, device, priority, state, max_attempts, "
        "available_at_ms) VALUES (1, 1, 1, 'any', 0, 'available', 5, 1000)",
        "INSERT INTO jobs (job_id, run_id, video_id, device, priority, state, max_attempts, "
        "available_at_ms, attempt, token, owner, started_at_ms, lease_until_ms) "
        f"VALUES (2, 1, 2, 'any', 0, 'running', 5, 1000, 1, 1, '{OTHER}', 2000, 9000000000000)",
    )
    with engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))


def test_the_migrated_tables_equal_the_codes(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_new_ledger_is_what_the_migrations_make(tmp_path: Path) -> None:
    new, migrated = (create_engine(f"sqlite:///{tmp_path}/{name}.sqlite") for name in "nm")
    migrate(new)
    migrate(migrated, revisions()[0])
    migrate(migrated)
    assert _layout(new) == _layout(migrated)
    assert current_revision(new) == HEAD


def _layout(engine: Engine) -> dict[str, set[str]]:
    """Columns and constraints of every table, and every index, however they came about."""
    parts: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for name, sql in connection.execute(text("SELECT name, sql FROM sqlite_master")):
            plain = " ".join((sql or "").replace('"', "").split())
            inside = plain.partition("(")[2].rstrip(") ") if "CREATE TABLE" in plain else plain
            parts[name] = {part.strip() for part in re.split(r",(?![^()]*\))", inside)}
    engine.dispose()
    return parts


def test_many_processes_may_migrate_at_once(empty_url: str) -> None:
    stores = [open_store(empty_url) for _ in range(5)]
    failures: list[BaseException] = []

    def start(store: Store) -> None:
        try:
            store.migrate()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    engine = create_engine(empty_url)
    assert current_revision(engine) == HEAD
    for store in stores:
        store.close()
    engine.dispose()


def test_a_newer_ledger_is_refused(store_url: str) -> None:
    engine = create_engine(store_url)
    _stamp(engine, "9999")
    with pytest.raises(UsageError, match="9999"):
        migrate(engine)
    _stamp(engine, HEAD)  # other tests go on with this database
    engine.dispose()


def _stamp(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": revision})
