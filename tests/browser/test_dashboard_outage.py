"""While the archive is away, or the ledger, the dashboard says so, and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from archives import WORKERS, add_archive, begin, report_workers, work_through
from dashboards import serving
from ledgers import add_run, fail
from posebatch_shared.errors import RootUnavailable, StoreUnavailable
from posebatch_shared.errors.advice import advice_for
from posebatch_shared.jobs import Run
from posebatch_shared.store import Store, open_store

pytestmark = pytest.mark.browser

GONE = f"the archive is gone: /mnt/{'2026_11_autumn_camp_' * 4}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A dashboard over a run whose jobs all wait, two of them for their root."""

    url: str
    home: Path
    store: Store
    run: Run
    waiting_job_id: int


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    home = tmp_path_factory.mktemp("outage")
    store = open_store(f"sqlite:///{home}/ledger.sqlite")
    store.migrate()
    run = add_archive(store, 20)
    work_through(store, 8)
    for held in (begin(store), begin(store)):
        assert held is not None
        fail(store, held, RootUnavailable(GONE), costs_attempt=False)
    report_workers(store)
    with serving(home) as url:
        yield Outage(url=url, home=home, store=store, run=run, waiting_job_id=held.job.job_id)
    store.close()


@pytest.mark.parametrize("path", ["/", "/runs/1", "/workers"])
def test_what_all_jobs_wait_for_is_named(page: Page, outage: Outage, path: str) -> None:
    page.goto(outage.url + path)
    box = page.get_by_role("status").filter(has_text="root_unavailable")
    expect(box).to_contain_text("root_unavailable 2 jobs to be tried again")
    expect(box).to_contain_text(advice_for("root_unavailable"))
    expect(box).to_contain_text(GONE)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_what_it_names_does_not_widen_a_telephone(page: Page, outage: Outage) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(outage.url)
    expect(page.get_by_role("status").filter(has_text="root_unavailable")).to_contain_text(GONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_worker_that_lacks_its_model_says_so(page: Page, outage: Outage) -> None:
    why = {"error": "model_missing"}
    with outage.store.unit_of_work() as uow:
        uow.workers.report(
            name="cpu@gym:7:1", device="cpu", host="gym", pid=7, tracker=why, stats={}
        )
        uow.commit()
    page.goto(f"{outage.url}/workers")
    expect(page.get_by_role("row").filter(has_text="cpu@gym")).to_contain_text("model_missing")


@pytest.mark.parametrize("path", ["/", "/workers"])
def test_what_waits_for_a_device_that_nobody_serves_is_named(
    page: Page, outage: Outage, path: str
) -> None:
    with outage.store.unit_of_work() as uow:
        uow.workers.forget(WORKERS[2])  # the only one with a GPU
        uow.commit()
    late = add_run(outage.store, 3, name="late", device="gpu")
    page.goto(outage.url + path)
    box = page.get_by_role("status").filter(has_text="no gpu worker is there")
    expect(box).to_contain_text("Start `posebatch worker --device gpu`.")
    with outage.store.unit_of_work() as uow:
        uow.runs.cancel(late.run_id)
        uow.commit()
    expect(box).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/runs/1"])
def test_no_time_is_told_while_nothing_runs(page: Page, outage: Outage, path: str) -> None:
    page.goto(outage.url + path)
    left = page.locator(".tile", has_text="Time left")
    expect(left.locator(".figure")).to_have_text("–")
    expect(left).to_contain_text("no job runs")


def test_lists_give_the_reason(page: Page, outage: Outage) -> None:
    page.goto(f"{outage.url}/runs/{outage.run.run_id}?state=retryable")
    rows = page.get_by_role("region", name="Jobs").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("root_unavailable")
    page.goto(f"{outage.url}/runs")
    expect(page.get_by_role("row", name="autumn camp")).to_contain_text("root_unavailable")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_log_of_a_job_can_be_read(page: Page, outage: Outage, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{outage.url}/jobs/{outage.waiting_job_id}")
    detail = page.locator(".detail", has_text="why: ").bounding_box()
    assert detail is not None
    assert detail["width"] > 160
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@contextmanager
def ledger_away(outage: Outage) -> Iterator[None]:
    """Its tables are not there, as after a database that was restored halfway."""
    with closing(sqlite3.connect(outage.home / "ledger.sqlite", isolation_level=None)) as ledger:
        tables = ("runs", "jobs", "events")
        for table in tables:
            ledger.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        yield
        for table in tables:
            ledger.execute(f"ALTER TABLE {table}_away RENAME TO {table}")


def test_pages_stay_pages_while_the_ledger_is_away(browser: Browser, outage: Outage) -> None:
    page = browser.new_page()
    with ledger_away(outage):
        for path in ("/runs", "/runs/1", "/jobs/1", "/log"):
            answer = page.goto(outage.url + path)
            assert answer is not None
            assert answer.status == 500
            expect(page.get_by_role("navigation", name="Sections")).to_be_visible()
            expect(page.get_by_role("alert")).to_contain_text("no such table")
            expect(page.get_by_role("alert")).to_contain_text(StoreUnavailable.advice)
    expect(page.get_by_role("region", name="Log")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.close()
