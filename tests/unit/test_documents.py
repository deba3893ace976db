"""Do the pages for people name what there is: settings, commands, metrics, alerts, results?"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import CollectorRegistry
from typer.main import get_command

import trajectories
from posebatch_ops.exporter_counters import LedgerCounters
from posebatch_ops.exporter_gauges import LedgerNow, Snapshot, SnapshotCollector
from posebatch_producer.commands import app
from posebatch_producer.export import metrics_csv
from posebatch_shared.results import INSTANTS
from posebatch_shared.settings import Settings
from posebatch_workers.analysis.findings import Jump
from posebatch_workers.keypoints import keypoint_table

ROOT = Path(__file__).parents[2]
README, OPERATIONS = ROOT / "README.md", ROOT / "ops/docs/operations.md"
METRICS, EXTENDING = ROOT / "ops/docs/metrics.md", ROOT / "ops/docs/extending.md"
PAGES = (README, *sorted((ROOT / "ops/docs").glob("*.md")))
SETTING = re.compile(r"\b(?:POSEBATCH_[A-Z_]+|POSE_TRACKER_BACKEND)\b")


def settings() -> dict[str, Any]:
    """Names of variables and what holds without them."""
    found = Settings.model_fields.items()
    return {str(f.validation_alias or f"POSEBATCH_{n.upper()}"): f.default for n, f in found}


def rows(page: Path, first_column: str) -> dict[str, str]:
    """The second column of a table by the first."""
    _, _, rest = page.read_text().partition(f"| {first_column} |")
    table = rest.split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip().strip("`") for cell in row.split("|")] for row in table]
    return {row[1]: row[2] for row in cells}


def test_every_setting_is_told_once_with_its_default() -> None:
    tables = [rows(page, "variable") for page in (README, OPERATIONS)]
    told = tables[0] | tables[1]
    assert len(told) == sum(map(len, tables))
    assert told.keys() == settings().keys()
    plain = {n: d for n, d in settings().items() if isinstance(d, int | float) or d}
    for name, default in plain.items():
        if isinstance(default, str | int | float):
            said = str(default) if isinstance(default, str | bool) else f"{default:g}"
            assert told[name] == said, name


def test_pages_name_only_settings_that_there_are() -> None:
    compose = re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text())
    known = settings().keys() | set(compose)
    for page in (*PAGES, *(ROOT / "ops/adr").glob("*.md")):
        assert set(SETTING.findall(page.read_text())) <= known, page


def test_settings_of_the_tables_reach_the_containers() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    assert set(rows(README, "variable")) <= set(SETTING.findall(compose))


def test_pages_name_only_commands_that_there_are() -> None:
    commands = set(getattr(get_command(app), "commands", ()))
    for page in PAGES:
        typed = re.findall(r"(?:`|uv run (?:--no-sync )?)posebatch ([a-z]+)", page.read_text())
        assert set(typed) <= commands, page


def served() -> set[str]:
    """Metrics of an exporter, as Prometheus names them."""
    registry, gauges = CollectorRegistry(), SnapshotCollector()
    LedgerCounters(registry)
    registry.register(gauges)
    empty = LedgerNow(jobs=(), discarded={}, frames_under_way=0, workers=())
    gauges.snapshot = Snapshot(ledger=empty, queues={}, has_broker=True, refresh_seconds=0.0)
    counters = {metric.name: metric.type for metric in registry.collect()}
    return {n + "_total" * (kind == "counter") for n, kind in counters.items()}


def test_every_metric_is_told_once() -> None:
    table = OPERATIONS.read_text().partition("| metric |")[2].split("\n\n")[0]
    told = Counter(re.findall(r"`(posebatch_\w+)`", table))
    assert told == Counter(served())


def test_panels_and_alerts_ask_only_for_metrics_that_are_served() -> None:
    asking = (ROOT / "ops/prometheus/rules.yml", *(ROOT / "ops/grafana/dashboards").glob("*.json"))
    for file in asking:
        names = re.findall(r"\bposebatch_\w+", file.read_text())
        assert {re.sub("_(bucket|sum|count)$", "", name) for name in names} <= served(), file


def test_every_alert_has_a_first_look() -> None:
    groups = yaml.safe_load((ROOT / "ops/prometheus/rules.yml").read_text())["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}
    told = {row.split(" (")[0] for row in rows(OPERATIONS, "alert")}
    assert {f"Posebatch{name}" for name in told} == alerts


def test_every_column_of_an_export_is_told() -> None:
    page = METRICS.read_text()
    clip = {"job_id": 1, "run_id": 1, "video": "a.mp4", "state": "completed", "cache_hit": False}
    nothing = dict.fromkeys(("error", "video_info", "tracker", "analysis", "remark"))
    columns = metrics_csv({"jobs": [{**clip, **nothing}]}).splitlines()[0].split(",")
    keypoints = keypoint_table(trajectories.sequence(trajectories.cmj(0.3), fps=30, noise_px=0))
    for name in (*columns, *keypoints.column_names):
        assert f"`{name}`" in page.partition("## Files of an export")[2], name


def test_every_metric_of_a_jump_has_its_formula() -> None:
    told = set(re.findall(r"`(\w+)`", METRICS.read_text()))
    assert {field.name for field in fields(Jump)} - {"kind"} <= told


def test_what_the_page_calls_an_instant_is_shown_on_the_clips_clock() -> None:
    told = [name for name, unit in rows(METRICS, "name").items() if unit.startswith("s, instant")]
    assert set(re.findall(r"\w+", " ".join(told))) == set(INSTANTS)


def test_every_place_to_extend_is_there() -> None:
    text = re.sub(r"```.*?```", "", EXTENDING.read_text(), flags=re.DOTALL)
    workers = ROOT / "workers/posebatch_workers"
    folders = [ROOT, workers / "trackers", workers / "analysis", ROOT / "shared/posebatch_shared"]
    folders.append(ROOT / "ops/benchmarks")

    def content(file: str) -> str:
        (path, *_) = [folder / file for folder in folders if (folder / file).is_file()] or [None]
        assert path, file
        return str(path.read_text())

    files = set(re.findall(r"`([\w/]+\.(?:py|toml|md))`", text)) - {"mine.py"}
    everything = "\n".join(content(file) for file in files)
    for name in re.findall(r"`(\w+)`", text):
        assert re.search(rf"(?<![A-Za-z]){name}\b", everything), name
    for name, file in re.findall(r"`(\w+)` (?:in|of) `([\w/.]+)`", text):
        assert re.search(rf"^(class |def )?{name}\b", content(file), re.MULTILINE), (name, file)
