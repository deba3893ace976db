"""Without the token the dashboard only shows; with it a person acts, and the log says who."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from archives import add_archive, work_through
from dashboards import TOKEN, Dashboard, seeded
from posebatch_ops.dashboard.sessions import MAX_WRONG_PER_MINUTE
from posebatch_shared.jobs import JobState, Run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def failed_run(dashboard: Dashboard) -> Run:
    """A run of its own, worked on first, so that bulk changes disturb no other test."""
    run = add_archive(dashboard.store, 40, name="juniors", seed=8, priority=5)
    work_through(dashboard.store, 36)
    return run


def unlock(page: Page, dashboard: Dashboard, token: str = TOKEN) -> None:
    page.goto(f"{dashboard.url}/unlock")
    page.get_by_label("Your name, for the log").fill("Ana")
    page.get_by_label("Token").fill(token)
    page.get_by_role("main").get_by_role("button", name="Unlock").click()


def test_a_reader_has_nothing_to_act_with(
    page: Page, dashboard: Dashboard, failed_run: Run
) -> None:
    page.goto(f"{dashboard.url}/runs/{failed_run.run_id}")
    expect(page.get_by_role("region", name="Jobs")).to_be_visible()
    for name in ("Retry these…", "Cancel these…", "Cancel run…", "Pause run"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_a_wrong_token_opens_nothing(page: Page, dashboard: Dashboard) -> None:
    unlock(page, dashboard, token="guess")
    expect(page.get_by_role("alert")).to_contain_text("That is not the token")
    assert page.context.cookies() == []


def test_bulk_retry_asks_with_the_count_and_does_just_that(
    page: Page, dashboard: Dashboard, failed_run: Run
) -> None:
    with dashboard.store.unit_of_work() as uow:
        before = uow.jobs.counts(failed_run.run_id)
    failed = before[JobState.DISCARDED]
    unlock(page, dashboard)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.goto(f"{dashboard.url}/runs/{failed_run.run_id}?state=discarded")
    page.get_by_role("button", name="Retry these…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Retry {failed} jobs?")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Retry these…").click()
    page.get_by_role("button", name=f"Retry {failed} jobs", exact=True).click()
    expect(page.get_by_text(f"{failed} jobs put back.")).to_be_visible()
    with dashboard.store.unit_of_work() as uow:
        after = uow.jobs.counts(failed_run.run_id)
        (logged, *_) = uow.events.list(run_id=failed_run.run_id)
    assert after[JobState.AVAILABLE] == before[JobState.AVAILABLE] + failed
    assert JobState.DISCARDED not in after
    assert (logged.kind, logged.actor) == ("bulk_retry", "dashboard: Ana")
    page.goto(f"{dashboard.url}/log")
    expect(page.get_by_role("row", name="bulk retry").first).to_contain_text("dashboard: Ana")


def test_a_run_is_paused_and_cancelled(page: Page, dashboard: Dashboard, failed_run: Run) -> None:
    unlock(page, dashboard)
    expect(page.get_by_role("button", name="Lock", exact=True)).to_be_visible()
    page.goto(f"{dashboard.url}/runs/{failed_run.run_id}")
    page.get_by_role("button", name="Pause run").click()
    expect(page.get_by_role("button", name="Resume run")).to_be_visible()
    page.get_by_role("button", name="Cancel run…").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel run").click()
    expect(page.locator(".badge.cancelled").first).to_be_visible()
    for name in ("Pause run", "Resume run", "Cancel run…"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    with dashboard.store.unit_of_work() as uow:
        assert JobState.AVAILABLE not in uow.jobs.counts(failed_run.run_id)


def test_a_run_that_has_ended_cannot_be_cancelled(page: Page, dashboard: Dashboard) -> None:
    run = add_archive(dashboard.store, 1, name="single", seed=11, priority=9)
    unlock(page, dashboard)
    expect(page.get_by_role("button", name="Lock", exact=True)).to_be_visible()
    page.goto(f"{dashboard.url}/runs/{run.run_id}")
    page.get_by_role("button", name="Cancel run…").click()
    work_through(dashboard.store, 1)
    page.get_by_role("dialog").get_by_role("button", name="Cancel run").click()
    expect(page.get_by_text("Nothing done")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel run…")).to_have_count(0)
    with dashboard.store.unit_of_work() as uow:
        ended = uow.runs.get(run.run_id)
    assert ended is not None
    assert not ended.cancelled


def test_locking_ends_the_session(page: Page, dashboard: Dashboard, failed_run: Run) -> None:
    unlock(page, dashboard)
    stolen = page.context.cookies()
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.get_by_role("link", name="Unlock")).to_be_visible()
    page.context.add_cookies(
        [{"name": c["name"], "value": c["value"], "url": dashboard.url} for c in stolen]
    )
    page.goto(f"{dashboard.url}/runs/{failed_run.run_id}")
    expect(page.get_by_role("link", name="Unlock")).to_be_visible()


def test_a_page_from_before_the_lock_acts_no_more(page: Page, dashboard: Dashboard) -> None:
    unlock(page, dashboard)
    expect(page.get_by_role("button", name="Lock", exact=True)).to_be_visible()
    page.goto(f"{dashboard.url}/runs/{dashboard.run.run_id}")
    page.get_by_role("button", name="Cancel these…").click()
    elsewhere = page.context.new_page()
    elsewhere.goto(dashboard.url)
    elsewhere.get_by_role("button", name="Lock", exact=True).click()
    expect(elsewhere.get_by_role("link", name="Unlock")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Cancel ").click()
    expect(page.get_by_text("Locked meanwhile")).to_be_visible()
    page.get_by_role("button", name="Pause run").click()
    expect(page.locator(".q-notification__badge")).to_have_text("2")
    with dashboard.store.unit_of_work() as uow:
        run = uow.runs.get(dashboard.run.run_id)
        assert run is not None
        assert not run.paused
        assert JobState.CANCELLED not in uow.jobs.counts(run.run_id)


def test_other_sites_can_neither_try_tokens_nor_lock(dashboard: Dashboard) -> None:
    for origin in ("https://evil.example", "null"):
        for path in ("/unlock", "/lock"):
            status, _, headers = fetch(dashboard, path, data=b"token=guess", Origin=origin)
            assert (status, headers.get("set-cookie")) == (403, None)


def test_too_many_wrong_tokens_are_told_as_such(page: Page, tmp_path: Path) -> None:
    with seeded(tmp_path) as dashboard:
        for _ in range(MAX_WRONG_PER_MINUTE):
            fetch(dashboard, "/unlock", data=b"token=guess", Origin=dashboard.url)
        unlock(page, dashboard)
        expect(page.get_by_role("alert")).to_contain_text("Too many wrong tokens")
        page.goto("about:blank")


def fetch(
    dashboard: Dashboard, path: str, data: bytes | None = None, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(dashboard.url + path, data, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def test_another_name_for_this_machine_is_refused(dashboard: Dashboard) -> None:
    status, _, _ = fetch(dashboard, "/", Host="evil.example")
    assert status == 400


def test_a_player_may_ask_for_any_part_of_the_overlay(dashboard: Dashboard) -> None:
    path = f"/files/{dashboard.shown_job_id}/overlay"
    status, everything, headers = fetch(dashboard, path)
    assert (status, headers["accept-ranges"]) == (200, "bytes")
    size = len(everything)
    for asked, start, end in (("bytes=10-19", 10, 20), ("bytes=-5", size - 5, size)):
        status, part, headers = fetch(dashboard, path, Range=asked)
        assert (status, part) == (206, everything[start:end])
        assert headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    assert fetch(dashboard, path, Range=f"bytes={size}-")[0] == 416


def test_only_files_of_results_are_served(dashboard: Dashboard) -> None:
    for path in ("/files/999999/overlay", f"/files/{dashboard.shown_job_id}/ledger"):
        assert fetch(dashboard, path)[0] == 404
