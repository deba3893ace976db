"""What works on this machine and what does not: places, broker, ledger, devices, trackers."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from posebatch_producer.private_redis import NO_SERVER, find_redis_server
from posebatch_producer.processes import WORKERS, ask
from posebatch_producer.service import open_ledger
from posebatch_shared.artifact_addresses import path_of
from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.errors import BrokerUnavailable, PosebatchError, SystemFailure, unforeseen
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.storage import check_room, check_root
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
NEEDED = ("home", "artifacts", "root", "broker", "ledger", "decoder")


def examine() -> dict[str, Any]:
    """The report; `ready` is whether `posebatch run` would work."""
    settings = load_settings()
    checks = [
        _check("home", lambda: _home(settings)),
        _check("artifacts", lambda: _artifacts(settings)),
        *(_check(f"root {name}", partial(_root, to)) for name, to in settings.mounts.items()),
        _check("broker", lambda: _broker(settings)),
        _check("ledger", lambda: _ledger(settings)),
    ]
    devices = _check("trackers", lambda: ask(WORKERS, ["doctor"]))
    if isinstance(devices["detail"], dict):
        checks += devices["detail"]["checks"]
    else:
        checks.append(devices)
    usable = any(check["ok"] for check in checks if check["name"].startswith("tracker "))
    needed = (check["ok"] for check in checks if check["name"].split()[0] in NEEDED)
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
    except (PosebatchError, OSError) as error:
        known = error if isinstance(error, PosebatchError) else unforeseen(error)
        return {"name": name, "ok": False, "detail": str(known), "advice": known.advice}


def _home(settings: Settings) -> str:
    check_room(settings.home, SystemFailure)
    return f"{settings.home} can be written, {_room(settings.home)}"


def _artifacts(settings: Settings) -> str:
    url = settings.resolved_artifacts_url
    open_artifacts(url).check()
    folder = path_of(url)
    return f"{url} can be written" + (f", {_room(folder)}" if folder else "")


def _room(folder: Path) -> str:
    return f"{shutil.disk_usage(folder).free / 2**30:.1f} GiB free"


def _root(mount: str) -> str:
    check_root(mount)
    return f"{mount} can be read"


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
