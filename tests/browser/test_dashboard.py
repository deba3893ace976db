"""What the dashboard shows is what the ledger holds, live, and reading changes nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from archives import work_through
from dashboards import HOSTILE_RUN, Dashboard
from posebatch_shared.jobs import JobState

pytestmark = pytest.mark.browser


def tile(page: Page, title: str) -> str:
    return (
        page.locator(".tile", has=page.get_by_text(title, exact=True))
        .locator(".figure")
        .inner_text()
    )


def counts(dashboard: Dashboard) -> dict[JobState, int]:
    with dashboard.store.unit_of_work() as uow:
        return dict(uow.jobs.counts())


def test_numbers_move_and_end_equal_to_the_ledger(page: Page, dashboard: Dashboard) -> None:
    page.goto(dashboard.url)
    expect(page.locator(".tile").first).to_be_visible()
    before = tile(page, "Completed")
    assert int(before) == counts(dashboard)[JobState.COMPLETED]
    work_through(dashboard.store, 5)
    now = counts(dashboard)
    completed = page.locator(".tile", has_text="Completed").locator(".figure")
    expect(completed).to_have_text(str(now[JobState.COMPLETED]))
    assert int(tile(page, "Waiting")) == now[JobState.AVAILABLE]
    assert int(tile(page, "In progress")) == now[JobState.RUNNING]
    assert int(tile(page, "Dead letters")) == now[JobState.DISCARDED]
    rate = page.locator(".tile", has_text="Frames/s").locator(".figure")
    expect(rate).not_to_have_text("0")  # until the bucket of these jobs is whole
    charts = page.locator(".chart svg")
    expect(charts).to_have_count(2)
    expect(charts.first).to_contain_text("cpu · mediapipe")


def test_charts_show_the_time_that_was_chosen(page: Page, dashboard: Dashboard) -> None:
    page.goto(dashboard.url)
    page.get_by_role("navigation", name="Time shown").get_by_text("1 h").click()
    expect(page.locator("a[aria-current='true']")).to_have_text("1 h")
    expect(page.locator(".chart svg").first).to_contain_text("cpu · mediapipe")


def test_filters_and_search_select_as_the_ledger_does(page: Page, dashboard: Dashboard) -> None:
    run_id = dashboard.run.run_id
    page.goto(f"{dashboard.url}/runs/{run_id}")
    page.get_by_role("navigation", name="Jobs by state").get_by_text("discarded").click()
    with dashboard.store.unit_of_work() as uow:
        discarded = uow.jobs.list(run_id, states=[JobState.DISCARDED])
        found = uow.jobs.list(run_id, states=[JobState.DISCARDED], search="squad-a")
    rows = page.get_by_role("region", name="Jobs").locator("tbody tr")
    expect(rows).to_have_count(len(discarded))
    page.get_by_role("searchbox").fill("squad-a")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(len(found))
    for job in found:
        expect(page.locator(f"a[href='/jobs/{job.job_id}']")).to_be_visible()


def test_pages_follow_each_other(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/runs/{dashboard.run.run_id}")
    rows = page.get_by_role("region", name="Jobs").locator("tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Next page").click()
    page.get_by_role("link", name="Next page").click()
    expect(rows).to_have_count(20)
    expect(page.get_by_role("link", name="Next page")).to_have_count(0)
    page.get_by_role("link", name="First page").click()
    expect(rows).to_have_count(50)


def test_a_job_shows_metrics_trajectory_time_and_plays(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/jobs/{dashboard.shown_job_id}")
    with dashboard.store.unit_of_work() as uow:
        job = uow.jobs.get(dashboard.shown_job_id)
        assert job is not None
        assert job.result_id is not None
        result = uow.results.get(job.result_id)
        timings = uow.results.timings(job.job_id)
    assert result is not None
    metrics = page.get_by_role("region", name="Jump metrics")
    for jump in result.analysis["jumps"]:
        expect(metrics).to_contain_text(f"{100 * jump['jump_height_m']:.1f}")
        expect(metrics).to_contain_text(f"{1000 * jump['flight_time_seconds']:.0f}")
    expect(page.locator(".chart.tall svg")).to_contain_text("takeoff")
    stages = page.get_by_role("region", name="Timing of stages")
    expect(stages.locator("tbody tr")).to_have_count(len(timings))
    landmarks = page.get_by_role("region", name="Visibility by landmark")
    expect(landmarks.get_by_role("row", name="left ankle")).to_contain_text("100 %")
    expect(landmarks.get_by_role("row", name="right ankle")).to_contain_text("50 %")
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').currentTime > 0.3")
    assert page.evaluate("document.querySelector('video').duration") == pytest.approx(3, abs=0.1)


def test_names_from_the_archive_are_only_text(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/jobs/{dashboard.shown_job_id}")
    expect(page.locator("h1")).to_contain_text("<img src=x onerror=alert(1)>")
    page.goto(f"{dashboard.url}/runs")
    page.get_by_role("link", name=HOSTILE_RUN).click()
    expect(page.locator("h1")).to_contain_text(HOSTILE_RUN)


def test_workers_show_device_clip_and_gpu(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/workers")
    gpu = page.get_by_role("row", name="gpu@night-rig:7001")
    for text in ("NVIDIA RTX 4070", "CUDAExecutionProvider", "rtmpose-cuda", "87 %", "jump_"):
        expect(gpu).to_contain_text(text)


def test_what_is_not_there_is_said(page: Page, dashboard: Dashboard) -> None:
    for path, words in (("/runs/999", "No run 999"), ("/jobs/999999", "No job 999999")):
        page.goto(dashboard.url + path)
        expect(page.locator("h1")).to_have_text(words)
