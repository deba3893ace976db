"""What a run on this machine needs: broker, ledger, workers; started here, gone at the end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from posebatch_producer.private_redis import private_redis
from posebatch_producer.processes import WORKERS, start, stop
from posebatch_shared.errors import BrokerUnavailable, NoWorkers
from posebatch_shared.errors.printed import last_error
from posebatch_shared.settings import Settings
from posebatch_shared.store import Store, open_store


@contextmanager
def open_ledger(settings: Settings) -> Iterator[Store]:
    """The ledger, its tables up to date. Errors: StoreUnavailable."""
    settings.home.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.resolved_store_url)
    try:
        store.migrate()
        yield store
    finally:
        store.close()


@contextmanager
def open_broker(settings: Settings) -> Iterator[str]:
    """Address of the broker that is named, else of a private one. Errors: BrokerUnavailable."""
    if settings.broker_url:
        require_answer(settings.broker_url)
        yield settings.broker_url
    else:
        with private_redis() as url:
            yield url


def require_answer(broker_url: str) -> None:
    """Errors: BrokerUnavailable."""
    import redis  # only where one is named

    try:
        with redis.Redis.from_url(broker_url, socket_connect_timeout=5) as broker:
            broker.ping()
    except (redis.RedisError, ValueError) as error:
        raise BrokerUnavailable(f"the broker does not answer: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalWorkers:
    """Worker processes of this run and where they write their logs."""

    processes: Sequence[subprocess.Popen[bytes]]
    log: Path

    def check(self) -> None:
        """Raise if none is left. Errors: NoWorkers with what the log says."""
        if all(process.poll() is not None for process in self.processes):
            said = last_error(self.log.read_text(errors="replace"))
            raise NoWorkers(f"no worker is left ({self.log}): {said}")

    def ask_to_stop(self) -> None:
        """Signal all, so that their grace times run side by side; those that have ended stay so."""
        for process in self.processes:
            process.terminate()


@contextmanager
def local_workers(
    settings: Settings, broker_url: str, concurrency: int, devices: Sequence[str]
) -> Iterator[LocalWorkers]:
    """One worker per device; at the end each gets its grace time, then is ended."""
    log = settings.home / "logs" / f"workers-{os.getpid()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = _environment(settings, broker_url)
    with ExitStack() as stack:
        processes: list[subprocess.Popen[bytes]] = []
        for device in devices:
            words = ["worker", "--device", device]
            if device == "cpu":  # a GPU knows by itself how many trackers fit on it
                words += ["--concurrency", str(concurrency)]
            process = start(WORKERS, words, environment=environment, log=log)
            stack.callback(stop, process, seconds=settings.grace_seconds + 10)
            processes.append(process)
        workers = LocalWorkers(processes=processes, log=log)
        stack.callback(workers.ask_to_stop)
        yield workers


def _environment(settings: Settings, broker_url: str) -> Mapping[str, str]:
    return {
        "POSEBATCH_HOME": str(settings.home.resolve()),
        "POSEBATCH_STORE_URL": settings.resolved_store_url,
        "POSEBATCH_ARTIFACTS_URL": settings.resolved_artifacts_url,
        "POSEBATCH_BROKER_URL": broker_url,
        "POSEBATCH_ROOTS": ",".join(f"{name}={mount}" for name, mount in settings.roots.items()),
    }


def local_devices() -> tuple[str, ...]:
    """The tags of the workers that this machine can carry."""
    has_gpu = Path("/dev/nvidia0").exists() or Path("/dev/nvidiactl").exists()
    return ("gpu", "cpu") if has_gpu else ("cpu",)
