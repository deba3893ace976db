"""Ending processes with all that they started, and waiting for what must happen."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from posebatch_shared.errors import StoreUnavailable


def kill_tree(pid: int) -> None:
    """End a process and all that it started."""
    try:
        family = [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue


def wait_until(
    condition: Callable[[], bool], seconds: float, story: Callable[[], str] = lambda: ""
) -> None:
    """Poll until it holds; raises with `story` if it does not in time. A ledger that is just being
    restarted is asked again."""
    deadline = time.monotonic() + seconds
    while not _holds(condition):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain. {story()}")
        time.sleep(0.05)


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except StoreUnavailable:
        return False
