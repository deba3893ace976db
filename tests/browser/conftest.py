"""A real dashboard over a seeded ledger, and a headless Chromium that watches what it does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from browsers import chromium
from dashboards import Dashboard, seeded


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium. Not for the session: Playwright's event loop would stay open for
    tests that start one of their own."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Seeded, served, and shared by all tests."""
    with seeded(tmp_path_factory.mktemp("home")) as served:
        yield served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window; the test fails if it logs an error or asks for anything but this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda asked: _note_stranger(asked.url, wrong))
    yield opened
    context.close()
    assert wrong == []


def _note_stranger(url: str, wrong: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
        wrong.append(f"asked for {url}")
