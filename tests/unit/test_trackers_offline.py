"""What is called offline opens no socket, neither now nor later; everything else still can."""

from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from posebatch_workers.trackers.offline import call_offline

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")


def _open_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def test_the_call_itself_is_fenced_off_and_this_thread_is_not() -> None:
    with pytest.raises(PermissionError):
        call_offline(_open_socket)
    _open_socket()


def test_threads_that_the_call_leaves_behind_stay_fenced_off() -> None:
    def leave_a_thread() -> ThreadPoolExecutor:
        pool = ThreadPoolExecutor(max_workers=1)
        pool.submit(int).result()
        return pool

    with call_offline(leave_a_thread) as pool, pytest.raises(PermissionError):
        pool.submit(_open_socket).result()


def test_answers_and_errors_come_through() -> None:
    assert call_offline(lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        call_offline(lambda: 1 // 0)
