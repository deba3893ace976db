"""What Celery is told of a worker's settings, and how its processes end."""

from __future__ import annotations

from unittest.mock import Mock

from posebatch_shared.settings import Settings
from posebatch_workers.app import Prefork, create_worker_app


def test_a_hurried_stop_gives_the_clip_its_grace_time() -> None:
    app = create_worker_app(Settings(broker_url="redis://127.0.0.1:9/0", grace_seconds=7))
    assert app.conf.worker_soft_shutdown_timeout == 7


def test_a_worker_that_never_reached_its_broker_waits_for_its_processes() -> None:
    pool = Prefork(1)
    pool._pool = processes = Mock()
    pool.on_stop()
    assert [call[0] for call in processes.method_calls] == ["close", "join"]
    assert pool._pool is None
