"""A real dashboard over a seeded ledger, and a headless Chromium that watches what it does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dashboards import Dashboard, serving


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Seeded, served, and shared by all tests."""
    with serving(tmp_path_factory.mktemp("home")) as served:
        yield served


@pytest.fixture
def page(browser: Browser, dashboard: Dashboard) -> Iterator[Page]:
    """A fresh window; the test fails if it logs an error or asks for anything but the dashboard."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda asked: _note_stranger(asked.url, dashboard.url, wrong))
    yield opened
    context.close()
    assert wrong == []


def _note_stranger(url: str, home: str, wrong: list[str]) -> None:
    own = (home, home.replace("http", "ws"), "data:", "blob:")
    if not url.startswith(own):
        wrong.append(f"asked for {url}")
