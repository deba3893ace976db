"""Two Celery tasks under our settings: one that does nothing, one that only claims and completes.

Started by ledger.py as `celery -A no_op worker`.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from ledgers import result
from posebatch_shared.messages import TRACK_VIDEO
from posebatch_shared.queue import create_celery
from posebatch_shared.settings import Settings
from posebatch_shared.store import open_store
from posebatch_workers.claims import Claims
from posebatch_workers.owner import Owner

BROKER = os.environ["BENCH_BROKER"]
PREFIX = "bench:"

app = create_celery(BROKER, key_prefix=PREFIX)


@cache
def claims() -> Claims:
    """This process's way to jobs, as a worker opens it."""
    settings = Settings()
    return Claims(
        store=open_store(os.environ["BENCH_STORE"]),
        owner=str(Owner.current("cpu")),
        devices=("any",),
        lease_seconds=settings.lease_seconds,
        message_seconds=settings.message_seconds,
        stop_file=Path("never"),
    )


@app.task(name="bench.no_op", ignore_result=True)
def no_op(number: int) -> None:
    """What bare Celery costs."""


@app.task(name=TRACK_VIDEO, ignore_result=True)
def instant(job_id: int) -> None:
    """What jobs with an instant tracker cost."""
    for claim in claims().of_message(job_id):
        with claims().store.unit_of_work() as uow:
            uow.jobs.complete(claim, result(claim.job.job_id))
            uow.commit()
