"""Does Prometheus accept our configuration, and do alerts fire when they should?

That a real one gets data for every panel is shown by the watched run in tests/browser.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

OPS = Path(__file__).parents[2] / "ops"

pytestmark = pytest.mark.skipif(
    shutil.which("promtool") is None and not os.environ.get("CI"), reason="no promtool here"
)


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_configuration_and_rules_are_valid() -> None:
    promtool("check", "config", str(OPS / "prometheus/prometheus.yml"))


def test_alerts_fire_when_they_should_and_only_then() -> None:
    promtool("test", "rules", str(OPS / "prometheus/rules_test.yml"))


def test_the_failure_share_is_whole_where_no_video_got_through(tmp_path: Path) -> None:
    panels = json.loads((OPS / "grafana/dashboards/reliability.json").read_text())["panels"]
    (share,) = (panel for panel in panels if panel["title"] == "Failure share")
    series = {"series": 'posebatch_videos_discarded_total{code="truncated"}', "values": "0+1x60"}
    asked = {
        "expr": share["targets"][0]["expr"],
        "eval_time": "1h",
        "exp_samples": [{"labels": "{}", "value": 1}],
    }
    test = {"interval": "1m", "input_series": [series], "promql_expr_test": [asked]}
    (tmp_path / "test.yml").write_text(json.dumps({"tests": [test]}))
    promtool("test", "rules", str(tmp_path / "test.yml"))
