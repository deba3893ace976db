"""Starts workers by forking a process that has imported everything: cheap enough to kill many."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from functools import cache
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

#: What a worker imports before its first job.
IMPORTS = (
    *("celery.apps.worker", "celery.concurrency.prefork", "kombu.transport.redis"),
    *("posebatch_workers.app", "posebatch_workers.tasks"),
    *("alembic.command", "psycopg", "sqlalchemy.dialects.postgresql.psycopg", "pytest"),
)


def start_worker(environment: Mapping[str, str], log: Path) -> BaseProcess:
    """A worker with the stand-in as its tracker, in a session of its own."""
    process = _nursery().Process(target=_work, args=(dict(environment), str(log)))
    process.start()
    return process


@cache
def _nursery() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTS))
    return context


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
