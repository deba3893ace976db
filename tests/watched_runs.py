"""A run of drawn clips with everything beside it that watches: dashboard, exporter, Prometheus,
Flower, each a process of its own over the same ledger and broker."""

from __future__ import annotations

import json
import shutil
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command import Command
from dashboards import serving
from flowers import Flower, start_flower
from posebatch_producer.private_redis import private_redis
from posebatch_shared.store import Store, open_store
from posebatch_workers.athlete.clip import ClipSpec, draw_clip
from servers import free_port, running

#: One clip at a time, and word of its progress often.
QUICK = {"POSEBATCH_CONCURRENCY": "1", "POSEBATCH_BEAT_SECONDS": "0.2"}
OPS = Path(__file__).parents[1] / "ops"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    """A real one, and the exporter that it scrapes."""

    url: str
    exporter: str

    def metrics(self) -> str:
        with urllib.request.urlopen(f"{self.exporter}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def ask(self, path: str, **question: object) -> Any:
        address = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(question)}"
        with urllib.request.urlopen(address, timeout=20) as answer:
            return json.load(answer)["data"]

    def value(self, expression: str) -> float | None:
        found = self.ask("query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else None

    def numbers(self, expression: str, since_seconds: float) -> list[float]:
        """All values since then that are numbers, as a panel would draw them."""
        found = self.ask(
            "query_range", query=expression, start=since_seconds, end=time.time(), step=1
        )["result"]
        drawn = [float(value) for series in found for _, value in series["values"]]
        return [value for value in drawn if value == value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A service in which nothing has run yet; `command` works against it."""

    command: Command
    dashboard: str
    flower: Flower
    prometheus: Prometheus
    started_seconds: float


@contextmanager
def watched(home: Path) -> Iterator[Watched]:
    """Everything that watches, started side by side, over an empty ledger under `home`."""
    store = open_store(f"sqlite:///{home}/ledger.sqlite")
    store.migrate()
    with private_redis() as broker_url, ExitStack() as stack, ThreadPoolExecutor() as pool:
        stack.callback(store.close)
        environment = {"POSEBATCH_HOME": str(home), "POSEBATCH_BROKER_URL": broker_url}
        dashboard = pool.submit(lambda: stack.enter_context(serving(home)))
        prometheus = pool.submit(_prometheus, stack, home, environment)
        flower = pool.submit(
            lambda: start_flower(stack, home, broker_url, POSEBATCH_FLOWER_PASSWORD="se,cret")
        )
        service = Watched(
            command=Command(home=home, environment={**environment, **QUICK}),
            dashboard=dashboard.result(),
            flower=flower.result(),
            prometheus=prometheus.result(),
            started_seconds=time.time(),
        )
        _report_gpu_worker(store)
        yield service


def draw_archive(folder: Path) -> None:
    """Two drawn jumps, one of them twice, between two files that are no videos."""
    folder.mkdir()
    for centimetres, quiet_seconds in ((25, 0.3), (40, 0.8)):
        spec = ClipSpec(
            height_m=centimetres / 100, quiet_seconds=quiet_seconds, width=480, height=854
        )
        draw_clip(spec, folder / f"cmj_{centimetres}.mp4")
    shutil.copy(folder / "cmj_25.mp4", folder / "same.mp4")
    for name in ("appointments", "zones"):
        (folder / f"{name}.mp4").write_text(name)


def _prometheus(stack: ExitStack, home: Path, environment: Mapping[str, str]) -> Prometheus:
    exporter_port, port = free_port(), free_port()
    found = Prometheus(url=f"http://127.0.0.1:{port}", exporter=f"http://127.0.0.1:{exporter_port}")
    exporter = [sys.executable, "-m", "posebatch_ops", "exporter", "--every", "0.2"]
    for command, ready in (
        ([*exporter, "--port", str(exporter_port)], f"{found.exporter}/metrics"),
        (_scraping(home, exporter_port, port), f"{found.url}/-/ready"),
    ):
        log = home / f"{Path(command[0]).name}-{port}.log"
        stack.enter_context(running(command, log=log, ready=ready, environment=environment))
    return found


def _scraping(home: Path, exporter_port: int, port: int) -> list[str]:
    """Our configuration, only faster and pointed at this exporter."""
    text = (OPS / "prometheus/prometheus.yml").read_text()
    text = text.replace("exporter:9469", f"127.0.0.1:{exporter_port}").replace("15s", "250ms")
    (home / "prometheus.yml").write_text(text)
    shutil.copy(OPS / "prometheus/rules.yml", home)
    return [
        "prometheus",
        f"--config.file={home}/prometheus.yml",
        f"--storage.tsdb.path={home}/prometheus",
        f"--web.listen-address=127.0.0.1:{port}",
    ]


def _report_gpu_worker(store: Store) -> None:
    """What a GPU worker would say of itself: the machine that runs tests has none."""
    stats = {"load_seconds": 1.5, "gpu_utilization": 0.8, "gpu_memory_bytes": 1e9}
    tracker = {"name": "rtmpose-cuda", "provider": "CUDAExecutionProvider"}
    with store.unit_of_work() as uow:
        uow.workers.report(
            name="gpu@box:1:1", device="gpu", host="box", pid=1, tracker=tracker, stats=stats
        )
        uow.commit()
