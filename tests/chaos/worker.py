"""A worker process with a stand-in for its tracker."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

from nursery import nursery


def start_worker(environment: Mapping[str, str], log: Path) -> BaseProcess:
    """A worker in a session of its own, that writes to `log`."""
    process = nursery().Process(target=_work, args=(dict(environment), str(log)))
    process.start()
    return process


def _work(environment: dict[str, str], log: str) -> None:
    os.setsid()
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the nursery ignores it
    os.environ.update(environment)
    sys.argv[:] = ["posebatch", "worker", "--device", "cpu"]
    from chaos import stand_in

    stand_in.main()
