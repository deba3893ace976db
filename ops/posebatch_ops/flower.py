"""How Flower is started: with our Celery app's configuration, behind a password, only looking."""

from __future__ import annotations

import secrets
import signal
import sys
from collections.abc import Mapping
from typing import Any

from posebatch_ops.flower_links import job_links, task_formatter
from posebatch_ops.listening import listening
from posebatch_shared.errors import UsageError
from posebatch_shared.settings import Settings

#: Flower forgets workers that have been silent this long, and tasks beyond this many.
PURGE_OFFLINE_SECONDS = 3600
MAX_TASKS = 20_000


def serve(settings: Settings, *, host: str, port: int, allow_control: bool) -> None:
    """Run Flower until SIGTERM or Ctrl-C. Errors: UsageError without a broker."""
    if not settings.broker_url:
        raise UsageError("POSEBATCH_BROKER_URL is not set")
    password = settings.flower_password or _made_up_password(settings, host, port)
    _run(
        settings,
        flower_options(
            settings, password=password, host=host, port=port, allow_control=allow_control
        ),
    )


def _made_up_password(settings: Settings, host: str, port: int) -> str:
    password = secrets.token_urlsafe(12)
    print(  # noqa: T201
        f"Flower: http://{host}:{port}  user {settings.flower_user}  password {password}\n"
        "(set POSEBATCH_FLOWER_PASSWORD to choose one)",
        file=sys.stderr,
        flush=True,
    )
    return password


def flower_options(
    settings: Settings, *, password: str, host: str, port: int, allow_control: bool
) -> Mapping[str, Any]:
    """Flower's own options by name. Its environment variables (FLOWER_…) have no say here."""
    return {
        "address": host,
        "port": port,
        "basic_auth": [f"{settings.flower_user}:{password}"],
        "read_only": not allow_control,
        "persistent": False,
        "max_tasks": MAX_TASKS,
        "purge_offline_workers": PURGE_OFFLINE_SECONDS,
        "format_task": task_formatter(settings.dashboard_url),
        "tasks_columns": "name,args,state,received,started,runtime,worker,uuid",
    }


def _run(settings: Settings, chosen: Mapping[str, Any]) -> None:
    from flower.app import Flower
    from flower.urls import settings as pages
    from tornado.options import options

    from posebatch_shared.queue import create_celery

    for name, value in chosen.items():
        setattr(options, name, value)
    app = create_celery(settings.broker_url, key_prefix=settings.key_prefix)
    links = [job_links(settings.dashboard_url)]
    server = Flower(capp=app, options=options, transforms=links, **pages)
    with listening(chosen["address"], chosen["port"]):
        server.start_http_server()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.io_loop.add_callback_from_signal(server.stop))
    server.start()
