"""What works on this machine and what does not: devices, trackers, models, broker, ledger."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from posebatch_producer.private_redis import NO_SERVER, find_redis_server
from posebatch_producer.processes import WORKERS, ask
from posebatch_producer.service import open_ledger
from posebatch_shared.errors import BrokerUnavailable, PosebatchError
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.tuning import usable_cpus

PACKAGES = (
    "posebatch",
    "celery",
    "redis",
    "sqlalchemy",
    "mediapipe",
    "onnxruntime",
    "onnxruntime-gpu",
    "av",
    "opencv-python-headless",
    "numpy",
)
NEEDED = ("broker", "ledger", "decoder")


def examine() -> dict[str, Any]:
    """The report; `ready` is whether `posebatch run` would work."""
    settings = load_settings()
    checks = [
        _check("broker", lambda: _broker(settings)),
        _check("ledger", lambda: _ledger(settings)),
    ]
    devices = _check("trackers", lambda: ask(WORKERS, ["doctor"]))
    if isinstance(devices["detail"], dict):
        checks += devices["detail"]["checks"]
    else:
        checks.append(devices)
    usable = any(check["ok"] for check in checks if check["name"].startswith("tracker "))
    needed = (check["ok"] for check in checks if check["name"] in NEEDED)
    return {
        "ready": usable and all(needed),
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": usable_cpus(),
        },
        "packages": {name: _version(name) for name in PACKAGES},
        "checks": checks,
    }


def _check(name: str, look: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"name": name, "ok": True, "detail": look(), "advice": ""}
    except PosebatchError as error:
        return {"name": name, "ok": False, "detail": str(error), "advice": error.advice}


def _broker(settings: Settings) -> str:
    if not settings.broker_url:
        server = find_redis_server()
        if server is None:
            raise BrokerUnavailable(NO_SERVER)
        return f"private, from {server}"
    from posebatch_shared.queue import QUEUES, Doorbell, create_celery

    app = create_celery(settings.broker_url, key_prefix=settings.key_prefix)
    doorbell = Doorbell(app, broker_url=settings.broker_url, key_prefix=settings.key_prefix)
    waiting = sum(doorbell.depth(queue) for queue in QUEUES)
    doorbell.close()
    return f"answers, {waiting} messages waiting"


def _ledger(settings: Settings) -> str:
    with open_ledger(settings) as store, store.unit_of_work() as uow:
        jobs = sum(uow.jobs.counts().values())
    kind = "SQLite" if settings.resolved_store_url.startswith("sqlite") else "Postgres"
    return f"{kind}, {jobs} jobs"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
