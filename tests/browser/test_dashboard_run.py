"""A real run of drawn clips, as dashboard, Prometheus and Flower see it on the way and at its end.

One run serves all three, since its start costs more than what it is asked.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from posebatch_shared.messages import TRACK_VIDEO
from servers import wait_until
from watched_runs import OPS, Watched, draw_archive, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        shutil.which("prometheus") is None and not os.environ.get("CI"), reason="no prometheus here"
    ),
]

RUN_SECONDS = 120
PANELS = {
    f"{path.stem}: {panel['title']} {target['refId']}": target["expr"]
    for path in sorted((OPS / "grafana/dashboards").glob("*.json"))
    for panel in json.loads(path.read_text())["panels"]
    for target in panel["targets"]
}


def test_a_run_is_watched_to_its_end(page: Page, tmp_path: Path) -> None:
    draw_archive(tmp_path / "clips")
    with watched(tmp_path) as service:
        page.goto(service.dashboard)
        expect(figure(page, "Completed")).to_have_text("0")
        running = service.command.start("run", tmp_path / "clips", "--dense", "--overlay", "--json")
        clip = page.get_by_role("region", name="Clips in progress").get_by_role("row").nth(1)
        expect(clip).to_contain_text("%", timeout=RUN_SECONDS * 1000)
        expect(figure(page, "Completed")).to_have_text("3", timeout=RUN_SECONDS * 1000)
        expect(figure(page, "Dead letters")).to_have_text("2")
        running.communicate(timeout=RUN_SECONDS)
        document = service.command.json("results", "--format", "json")
        the_pages_show_what_was_found(page, service, document)
        prometheus_holds_what_the_ledger_does(service, document)
        every_panel_has_data(service)
        metrics_follow_the_rules(service)
        flower_lists_worker_and_tasks(service, document)
        page.goto("about:blank")  # before the dashboard goes away under it


def figure(page: Page, title: str) -> Any:
    return page.locator(".tile", has_text=title).locator(".figure")


def the_pages_show_what_was_found(page: Page, service: Watched, document: Any) -> None:
    page.goto(f"{service.dashboard}/runs/{document['run']['run_id']}")
    expect(figure(page, "Ended")).to_have_text("5 of 5")
    job = next(each for each in document["jobs"] if each["video"].endswith("cmj_40.mp4"))
    page.get_by_role("link", name="cmj_40.mp4").click()
    height_cm = 100 * job["analysis"]["jumps"][0]["jump_height_m"]
    expect(page.get_by_role("region", name="Jump metrics")).to_contain_text(f"{height_cm:.1f}")
    landmarks = page.get_by_role("region", name="Visibility by landmark")
    expect(landmarks).to_contain_text("left hip")
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').currentTime > 0.3")


def prometheus_holds_what_the_ledger_does(service: Watched, document: Any) -> None:
    jobs = document["jobs"]
    tracked = [job for job in jobs if job["state"] == "completed" and not job["cache_hit"]]
    frames = sum(job["video_info"]["frames"] for job in tracked)
    for expression, truth in (
        ("sum(posebatch_videos_completed_total)", document["run"]["completed"]),
        ("posebatch_cache_hits_total", sum(job["cache_hit"] for job in jobs)),
        ("sum(posebatch_frames_tracked_total)", frames),
        ('posebatch_discarded_jobs{code="not_a_video"}', document["run"]["discarded"]),
        ('sum(posebatch_jobs{state="completed"})', document["run"]["completed"]),
        ('sum(posebatch_jobs{state=~"available|running"})', 0),
    ):
        wait_until(lambda e=expression, t=truth: service.prometheus.value(e) == t)
    assert len(tracked) == 2


def every_panel_has_data(service: Watched) -> None:
    without = [
        panel
        for panel, expression in PANELS.items()
        if not service.prometheus.numbers(
            re.sub(r"\$__(rate_interval|range)", "1m", expression), service.started_seconds
        )
    ]
    assert len(PANELS) > 40
    assert without == []


def metrics_follow_the_rules(service: Watched) -> None:
    text = service.prometheus.metrics()
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "_created" not in text
    assert "posebatch_jobs{" in text
    assert ".mp4" not in text
    groups = service.prometheus.ask("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == 11
    assert not [rule for rule in rules if rule.get("lastError")]


def flower_lists_worker_and_tasks(service: Watched, document: Any) -> None:
    """Every job as a task of our name by its id alone, done by a worker named by its device."""
    tasks = service.flower.read("/api/tasks").values()
    assert {task["name"] for task in tasks} == {TRACK_VIDEO}
    assert {task["args"] for task in tasks} >= {f"({job['job_id']},)" for job in document["jobs"]}
    assert {task["state"] for task in tasks} <= {"SUCCESS", "RECEIVED", "STARTED"}
    assert all(str(task["worker"]).startswith(("cpu", "gpu")) for task in tasks)
    assert ".mp4" not in json.dumps(list(tasks))
