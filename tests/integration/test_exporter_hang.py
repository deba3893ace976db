"""Does a ledger that hangs instead of refusing show, and is it seen again soon after?"""

from __future__ import annotations

import time

import psycopg
import pytest

import ledgers
from exporters import Exporter, exporting
from posebatch_ops import patience
from posebatch_ops.exporter_gauges import SnapshotCollector
from posebatch_shared.store import open_store
from servers import wait_until


def served(exporter: Exporter, name: str) -> list[float]:
    return [
        value for (found, _), value in exporter.served().items() if found == f"posebatch_{name}"
    ]


def test_a_ledger_that_hangs_is_down_until_it_answers(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(patience, "LONGEST_PAUSE_SECONDS", 0.5)
    store = open_store(postgres_url)
    with exporting(postgres_url) as exporter, exporter.running():
        with psycopg.connect(postgres_url) as hanging:
            hanging.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
            wait_until(lambda: served(exporter, "store_up") == [0])
            assert served(exporter, "workers") == []
        wait_until(lambda: served(exporter, "store_up") == [1])
        ledgers.add_run(store, 1)
        added = time.monotonic()
        wait_until(lambda: sum(served(exporter, "jobs")) == 1)
        assert time.monotonic() - added < 5  # a tenth of the time alone would make it nine
    store.close()


def test_a_ledger_that_never_answered_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(SnapshotCollector().collect()) == []
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", -1.0)
    (store_up,) = SnapshotCollector().collect()
    assert [(sample.name, sample.value) for sample in store_up.samples] == [
        ("posebatch_store_up", 0)
    ]
