"""The reader of system calls sees what leaves the machine, and name look-ups wherever they go."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from network_calls import contacts, successful_calls, tracing_into

pytestmark = pytest.mark.skipif(
    not shutil.which("strace") and os.environ.get("CI") != "true", reason="needs strace"
)

# Connecting a datagram socket sends nothing; 198.51.100.0/24 and 2001:db8::/32 are nobody's.
PROGRAM = """
import socket, threading
def turn_to(family, host, port):
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        try:
            one.connect((host, port))
        except OSError:
            pass
turn_to(socket.AF_INET, "127.0.0.1", 6379)
turn_to(socket.AF_INET6, "::1", 6379)
turn_to(socket.AF_INET, "127.0.0.1", 53)
turn_to(socket.AF_INET6, "2001:db8::7", 443)
threading.Thread(target=turn_to, args=(socket.AF_INET, "198.51.100.7", 443)).start()
"""


def traced(program: str, folder: Path) -> Path:
    subprocess.run([*tracing_into(folder), sys.executable, "-c", program], check=True, timeout=60)
    return folder


def test_what_leaves_the_loopback_and_every_look_up_is_seen(tmp_path: Path) -> None:
    expected = {("127.0.0.1", 53), ("198.51.100.7", 443), ("2001:db8::7", 443)}
    assert contacts(traced(PROGRAM, tmp_path)) == expected
    assert successful_calls(tmp_path)


def test_a_silent_program_has_no_contacts(tmp_path: Path) -> None:
    assert contacts(traced("print('hello')", tmp_path)) == set()
    assert successful_calls(tmp_path) == []
