"""A page that is left open shows what happens meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from archives import add_archive, begin, finding
from dashboards import Dashboard
from ledgers import complete, fail
from posebatch_shared.errors import NotAVideo
from posebatch_shared.jobs import Claim

pytestmark = pytest.mark.browser


def one_underway(dashboard: Dashboard, name: str, seed: int, *, jobs: int = 1) -> Claim:
    """A new run, its first job begun."""
    add_archive(dashboard.store, jobs, name=name, seed=seed, priority=20)
    held = begin(dashboard.store, frames_done=90)
    assert held is not None
    return held


def test_a_job_that_ends_shows_its_result(page: Page, dashboard: Dashboard) -> None:
    held = one_underway(dashboard, "left open", 21)
    page.goto(f"{dashboard.url}/jobs/{held.job.job_id}")
    expect(page.locator(".badge.running")).to_be_visible()
    expect(page.get_by_role("region", name="Timing of stages")).to_have_count(0)
    complete(dashboard.store, held, finding(held.job.job_id))
    expect(page.get_by_role("region", name="Jump metrics")).to_be_visible()
    expect(page.get_by_role("region", name="Timing of stages")).to_be_visible()
    expect(page.locator(".badge.completed")).to_be_visible()


def test_a_run_shows_new_reasons_and_times(page: Page, dashboard: Dashboard) -> None:
    held = one_underway(dashboard, "half good", 22, jobs=2)
    page.goto(f"{dashboard.url}/runs/{held.run.run_id}")
    reasons = page.locator("section", has_text="Discarded, by reason")
    expect(reasons).to_contain_text("None.")
    fail(dashboard.store, held, NotAVideo("no"))
    expect(reasons).to_contain_text("1 × not_a_video")
    other = begin(dashboard.store)
    assert other is not None
    complete(dashboard.store, other, finding(other.job.job_id))
    expect(page.get_by_role("region", name="Timing of stages")).to_be_visible()


def test_new_runs_and_events_appear_by_themselves(page: Page, dashboard: Dashboard) -> None:
    events = page.context.new_page()
    page.goto(f"{dashboard.url}/runs")
    events.goto(f"{dashboard.url}/log")
    expect(events.get_by_role("region", name="Log")).to_be_visible()
    held = one_underway(dashboard, "just now", 24)
    expect(page.get_by_role("link", name="just now")).to_be_visible()
    newest = events.get_by_role("region", name="Log").locator("tbody tr").first
    expect(newest).to_contain_text(f"run {held.run.run_id}")
    complete(dashboard.store, held, finding(held.job.job_id))
