"""The dashboard can be read and used by keyboard and screen reader, in light and in dark."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboards import Dashboard

pytestmark = pytest.mark.browser

PATHS = (
    "/",
    "/runs",
    "/runs/{run}",
    "/runs/{run}?state=discarded&q=jump",
    "/jobs/{job}",
    "/workers",
    "/dead-letters?reason=no_person",
    "/log",
    "/unlock?wrong=1",
)


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(page: Page, dashboard: Dashboard, path: str) -> None:
    page.goto(dashboard.url + path.format(run=dashboard.run.run_id, job=dashboard.shown_job_id))
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_text("Reading…")).to_have_count(0)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body.body--dark")).to_be_visible()
    found = Axe().run(page, options={"runOnly": ["color-contrast"]})
    assert found.violations_count == 0, found.generate_report()


def test_the_keyboard_reaches_content_and_sections(page: Page, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/runs")
    expect(page.locator("table")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.get_by_role("link", name="Workers").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Workers")).to_be_visible()


def test_the_theme_is_remembered(page: Page, dashboard: Dashboard) -> None:
    page.goto(dashboard.url)
    page.get_by_role("button", name="Theme: auto").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.locator("body.body--dark")).to_be_visible()
    page.goto(f"{dashboard.url}/runs")
    expect(page.locator("body.body--dark")).to_be_visible()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()


def test_a_narrow_window_does_not_scroll_sideways(page: Page, dashboard: Dashboard) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("/", f"/runs/{dashboard.run.run_id}", f"/jobs/{dashboard.shown_job_id}"):
        page.goto(dashboard.url + path)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_telephone_shows_what_the_lines_are_above_the_axis(
    page: Page, dashboard: Dashboard
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(dashboard.url)
    words = page.locator(".chart").first.locator("svg text")
    names, numbers = words.filter(has_text="·"), words.filter(has_text=re.compile(r"^[\d,]+$"))
    expect(names).to_have_count(4)
    boxes = [[word.bounding_box() for word in found.all()] for found in (names, numbers)]
    lowest_name = max(box["y"] + box["height"] for box in boxes[0] if box)
    assert lowest_name <= min(box["y"] for box in boxes[1] if box)


def test_a_telephone_shows_events_beside_each_other(page: Page, dashboard: Dashboard) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{dashboard.url}/jobs/{dashboard.shown_job_id}")
    words = page.locator(".chart.tall svg text")
    boxes = []
    for name in ("takeoff", "landing"):
        expect(words.filter(has_text=name)).to_have_count(2)
        boxes.append(words.filter(has_text=name).first.bounding_box())
    leaves, lands = boxes
    assert leaves is not None
    assert lands is not None
    assert lands["y"] + lands["height"] <= leaves["y"]


def test_a_telephone_shows_state_and_height_of_each_clip(page: Page, dashboard: Dashboard) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{dashboard.url}/runs/{dashboard.run.run_id}")
    jobs = page.get_by_role("region", name="Jobs")
    for title in ("State", "Best height"):
        box = jobs.get_by_role("columnheader", name=title).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
