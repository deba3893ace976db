"""While the archive is away, or the ledger, the dashboard says so, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from archives import add_archive, begin, fail, report_workers, work_through
from dashboards import serving
from posebatch_shared.errors import RootUnavailable
from posebatch_shared.errors.advice import advice_for
from posebatch_shared.jobs import Run
from posebatch_shared.store import Store, open_store

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("dashboard")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A dashboard over a run whose jobs all wait, two of them for their root."""

    url: str
    store: Store
    run: Run


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    home = tmp_path_factory.mktemp("outage")
    store = open_store(f"sqlite:///{home}/ledger.sqlite")
    store.migrate()
    run = add_archive(store, 20)
    work_through(store, 8)
    for _ in range(2):
        held = begin(store)
        assert held is not None
        fail(store, held, RootUnavailable("the archive is gone"), costs_attempt=False)
    report_workers(store)
    with serving(home) as url:
        yield Outage(url=url, store=store, run=run)
    store.close()


@pytest.mark.parametrize("path", ["/", "/runs/1", "/workers"])
def test_what_all_jobs_wait_for_is_named(page: Page, outage: Outage, path: str) -> None:
    page.goto(outage.url + path)
    box = page.get_by_role("status")
    expect(box).to_contain_text("root_unavailable 2 jobs to be tried again")
    expect(box).to_contain_text(advice_for("root_unavailable"))


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
