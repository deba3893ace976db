"""Processes forked from one that has imported all that a worker needs: cheap to start and kill."""

from __future__ import annotations

import multiprocessing
from functools import cache
from multiprocessing.context import ForkServerContext

IMPORTS = (
    *("celery.apps.worker", "celery.concurrency.prefork", "kombu.transport.redis"),
    *("posebatch_workers.app", "posebatch_workers.tasks"),
    *("alembic.command", "psycopg", "sqlalchemy.dialects.postgresql.psycopg", "pytest"),
)


@cache
def nursery() -> ForkServerContext:
    """Starts on first use and ends with the tests."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTS))
    return context
