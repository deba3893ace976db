"""Do a real Prometheus, its rules and every Grafana panel agree with what the exporter serves?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ledgers
from posebatch_producer.private_redis import private_redis
from posebatch_shared.errors import DecoderCrashed, NotAVideo
from posebatch_shared.results import StageTiming
from posebatch_shared.store import Store, open_store
from servers import free_port, running, wait_until

OPS = Path(__file__).parents[2] / "ops"
DASHBOARDS = sorted((OPS / "grafana/dashboards").glob("*.json"))
QUERIES = [
    pytest.param(target["expr"], id=f"{path.stem}: {panel['title']} {target['refId']}")
    for path in DASHBOARDS
    for panel in json.loads(path.read_text())["panels"]
    for target in panel["targets"]
]
WAITED = StageTiming(stage="queue_wait", parent=None, seconds=1.0, calls=1)

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None and not os.environ.get("CI"), reason="no prometheus here"
)


def promtool(*arguments: str, text: str | None = None) -> None:
    done = subprocess.run(
        ["promtool", *arguments], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_configuration_and_rules_are_valid() -> None:
    promtool("check", "config", str(OPS / "prometheus/prometheus.yml"))


def test_alerts_fire_when_they_should_and_only_then() -> None:
    promtool("test", "rules", str(OPS / "prometheus/rules_test.yml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An exporter over a ledger at work, and a Prometheus that scrapes it."""

    exporter: str
    prometheus: str

    def metrics(self) -> str:
        with urllib.request.urlopen(f"{self.exporter}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def query(self, expression: str) -> list[Mapping[str, Any]]:
        question = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"{self.prometheus}/api/v1/query?{question}") as answer:
            found: list[Mapping[str, Any]] = json.load(answer)["data"]["result"]
        return found

    def value(self, expression: str) -> float:
        return float(self.query(expression)[0]["value"][1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("prometheus")
    shutil.copy(sqlite_template, folder / "ledger.sqlite")
    store_url = f"sqlite:///{folder}/ledger.sqlite"
    ports = free_port(), free_port()
    exporter, prometheus = (f"http://127.0.0.1:{port}" for port in ports)
    pair = Served(exporter=exporter, prometheus=prometheus)
    with ExitStack() as stack:
        environment = {
            "POSEBATCH_STORE_URL": store_url,
            "POSEBATCH_BROKER_URL": stack.enter_context(private_redis()),
        }
        command = [sys.executable, "-m", "posebatch_ops", "exporter", "--every", "0.2"]
        stack.enter_context(
            running(
                [*command, "--port", str(ports[0])],
                log=folder / "exporter.log",
                ready=f"{exporter}/metrics",
                environment=environment,
            )
        )
        stack.enter_context(
            running(
                prometheus_command(folder, exporter_port=ports[0], port=ports[1]),
                log=folder / "prometheus.log",
                ready=f"{prometheus}/-/ready",
            )
        )
        store = open_store(store_url)
        stack.callback(store.close)
        wait_until(lambda: pair.query("posebatch_store_up"))
        work(store, pair)
        yield pair


def prometheus_command(folder: Path, *, exporter_port: int, port: int) -> list[str]:
    """Our configuration, only faster and pointed at this exporter."""
    text = (OPS / "prometheus/prometheus.yml").read_text()
    text = text.replace("exporter:9469", f"127.0.0.1:{exporter_port}").replace("15s", "250ms")
    (folder / "prometheus.yml").write_text(text)
    shutil.copy(OPS / "prometheus/rules.yml", folder)
    return [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]


def work(store: Store, served: Served) -> None:
    """A run in which jobs complete, fail, repeat and wait, spread over several scrapes."""
    report_workers(store)
    jobs = ledgers.jobs_of(store, ledgers.add_run(store, 12))
    for step, job in enumerate(jobs[:9]):
        held = ledgers.must_claim(store, job.job_id)
        if step % 3 == 0:
            with store.unit_of_work() as uow:
                error = DecoderCrashed("signal 11") if step else NotAVideo("text")
                uow.jobs.fail(held, error, timings=())
                uow.commit()
        else:
            timings = (*ledgers.TIMINGS, WAITED)
            outcome = ledgers.result(f"c{step}", timings=timings, cache_hit=step % 3 == 2)
            ledgers.complete(store, held, outcome)
        seen = served.value("count_over_time(posebatch_store_up[1h])")
        wait_until(lambda seen=seen: served.value("count_over_time(posebatch_store_up[1h])") > seen)
    ledgers.must_claim(store, jobs[9].job_id)
    wait_until(lambda: served.value('sum(posebatch_jobs{state="running"})') == 1)


def report_workers(store: Store) -> None:
    stats = {
        "load_seconds": 1.5,
        "memory_bytes": 2e8,
        "peak_memory_bytes": 3e8,
        "gpu_utilization": 0.8,
        "gpu_memory_bytes": 1e9,
    }
    tracker = {"name": "rtmpose-cuda", "provider": "CUDAExecutionProvider"}
    with store.unit_of_work() as uow:
        uow.workers.report(
            name="gpu@box:1:1", device="gpu", host="box", pid=1, tracker=tracker, stats=stats
        )
        uow.commit()


def test_what_is_served_follows_the_naming_rules(served: Served) -> None:
    text = served.metrics()
    promtool("check", "metrics", text=text)
    assert "_created" not in text


@pytest.mark.parametrize("expression", QUERIES)
def test_every_panel_gets_data(expression: str, served: Served) -> None:
    found = served.query(expression.replace("$__rate_interval", "1m"))
    assert found, expression
    assert any(float(sample["value"][1]) == float(sample["value"][1]) for sample in found)


def test_what_prometheus_holds_equals_the_ledger(served: Served) -> None:
    assert served.value("sum(posebatch_videos_completed_total)") == 6
    assert served.value("posebatch_cache_hits_total") == 3
    assert served.value("sum(posebatch_frames_tracked_total)") == 3 * 90
    assert served.value('posebatch_discarded_jobs{code="not_a_video"}') == 1
    assert served.value('posebatch_jobs{state="available"}') == 2


def test_no_file_name_reaches_the_metrics(served: Served) -> None:
    text = served.metrics()
    assert "posebatch_jobs{" in text
    assert ".mp4" not in text
    assert "clips/" not in text


def test_rules_are_loaded_and_evaluate(served: Served) -> None:
    with urllib.request.urlopen(f"{served.prometheus}/api/v1/rules") as answer:
        groups = json.load(answer)["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == 10
    assert not [rule for rule in rules if rule.get("lastError")]
