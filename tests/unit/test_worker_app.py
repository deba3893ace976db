"""What Celery is told of a worker's settings."""

from __future__ import annotations

from posebatch_shared.settings import Settings
from posebatch_workers.app import create_worker_app


def test_a_hurried_stop_gives_the_clip_its_grace_time() -> None:
    app = create_worker_app(Settings(broker_url="redis://127.0.0.1:9/0", grace_seconds=7))
    assert app.conf.worker_soft_shutdown_timeout == 7
