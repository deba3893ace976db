"""Claim, beat, complete, fail, expire, cancel in any order: no order breaks an invariant."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from contract.ledger_machine import LedgerMachine
from posebatch_shared.store import Store, open_store


@pytest.fixture(params=["sqlite", "postgres"])
def opener(request: pytest.FixtureRequest) -> Callable[[], Store]:
    """A fresh ledger per example, cheaply."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        folder = Path(tempfile.mkdtemp(prefix="posebatch-machine-"))
        request.addfinalizer(lambda: shutil.rmtree(folder))
        return lambda: open_store(f"sqlite:///{shutil.copy(template, folder / 'ledger.sqlite')}")
    url: str = request.getfixturevalue("postgres_url")

    def emptied() -> Store:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("TRUNCATE runs, videos, results, jobs, stage_timings, events")
        return open_store(url)

    return emptied


def test_no_order_of_events_breaks_an_invariant(
    opener: Callable[[], Store], request: pytest.FixtureRequest
) -> None:
    long = request.config.getoption("--chaos-long")
    machine = type("Machine", (LedgerMachine,), {"open_store": staticmethod(opener)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=400 if long else 15,
            stateful_step_count=40 if long else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
