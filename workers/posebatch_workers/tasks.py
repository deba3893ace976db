"""The one Celery task, and what a pool process opens before its first and closes after its last."""

from __future__ import annotations

import os
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from celery import shared_task
from celery.signals import worker_process_init, worker_process_shutdown

from posebatch_shared.errors import DeviceLost
from posebatch_shared.logs import configure_logging, logger
from posebatch_shared.messages import TRACK_VIDEO
from posebatch_shared.settings import load_settings
from posebatch_workers.pipeline import Pipeline
from posebatch_workers.process import open_pipeline
from posebatch_workers.stop_file import STOP_FILE

log = logger(__name__)
_resources = ExitStack()


@cache
def pipeline() -> Pipeline:
    """This process's pipeline, opened on first use."""
    return _resources.enter_context(open_pipeline(load_settings()))


@worker_process_init.connect
def open_process(**_: object) -> None:
    """Load before the first message: the tracker is warm when work arrives."""
    configure_logging()
    pipeline().warm_up()


@worker_process_shutdown.connect
def close_process(**_: object) -> None:
    """Free tracker, decoder and connections; then leave, without the pool's second of grace for
    messages that nobody will read."""
    stopping = Path(os.environ[STOP_FILE]).exists()
    _resources.close()
    if stopping:
        os._exit(0)


@shared_task(name=TRACK_VIDEO, ignore_result=True)
def track_video(job_id: int) -> None:
    """Take the job to its end, if it still waits; the pool replaces a process without a device."""
    try:
        pipeline().run(job_id)
    except DeviceLost:
        log.warning("process_given_up")
        _resources.close()
        os._exit(1)
