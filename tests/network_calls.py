"""Whom a program and its children turn to over a network: what strace wrote down, read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

NAME_SERVICE_PORT = 53

_SOCKET_ADDRESS = re.compile(
    r'sin6?_port=htons\((?P<port>\d+)\).*?(?:inet_addr\(|AF_INET6, )"(?P<host>[^"]+)"'
)


def tracing_into(folder: Path) -> list[str]:
    """strace's words before a program or `-p PID`: each thread gets a file, so each call a line."""
    calls = "trace=socket,connect,sendto,sendmsg,sendmmsg"
    return ["strace", "-ff", "-e", calls, "-o", str(folder / "thread")]


def successful_calls(folder: Path) -> list[str]:
    """Every traced call that was not refused, whether or not it led anywhere."""
    return [line for line in _lines(folder) if re.search(r"^\w+\(.*= \d", line)]


def contacts(folder: Path) -> set[tuple[str, int]]:
    """Host and port of all that was tried outside the loopback, and of all name look-ups.

    A name server may listen on the loopback and ask further from there, as Docker's does.
    """
    tried = {
        (found["host"], int(found["port"]))
        for line in _lines(folder)
        for found in _SOCKET_ADDRESS.finditer(line)
    }
    return {
        (host, port)
        for host, port in tried
        if port == NAME_SERVICE_PORT or not ip_address(host).is_loopback
    }


def _lines(folder: Path) -> Iterator[str]:
    files = sorted(folder.glob("thread.*"))
    assert files, "nothing was traced"
    for file in files:
        yield from file.read_text(errors="replace").splitlines()
