"""Two Celery tasks under our settings: one that does nothing, one that only claims and completes.

Started by ledger.py as `celery -A no_op worker`.
"""

from __future__ import annotations

import os
from functools import cache

from ledgers import result
from posebatch_shared.queue import create_celery
from posebatch_shared.store import Store, open_store
from posebatch_workers.owner import Owner

BROKER = os.environ["BENCH_BROKER"]
PREFIX = "bench:"

app = create_celery(BROKER, key_prefix=PREFIX)


@cache
def store() -> Store:
    """This process's ledger."""
    return open_store(os.environ["BENCH_STORE"])


@cache
def owner() -> str:
    """This process."""
    return str(Owner.current("cpu"))


@app.task(name="bench.no_op", ignore_result=True)
def no_op(number: int) -> None:
    """What bare Celery costs."""


@app.task(name="bench.instant", ignore_result=True)
def instant(job_id: int) -> None:
    """What a job with an instant tracker costs."""
    with store().unit_of_work() as uow:
        claim = uow.jobs.claim(job_id, owner=owner(), devices=("any",), lease_seconds=10)
        uow.commit()
    if claim is not None:
        with store().unit_of_work() as uow:
            uow.jobs.complete(claim, result(job_id))
            uow.commit()
