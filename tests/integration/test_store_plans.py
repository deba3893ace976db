"""The statements of claims and keepers pass few rows of a large table, whatever Postgres's
statistics say of it and however many dead rows lie about."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest

from ledgers import add_run, complete, must_claim
from posebatch_shared.jobs import Claim, JobState, Run
from posebatch_shared.store import Store, open_store
from posebatch_shared.store.claim_statements import FOLLOWING_SPAN
from posebatch_shared.store.waiting import PROMOTE_BATCH
from posebatch_workers.keeper import Keeper
from queues import Queues

MANY = 20_000
WINDOW = 10

_READ = """
SELECT seq_tup_read + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'jobs')
FROM pg_stat_user_tables WHERE relname = 'jobs'
"""


class Ledger:
    """One of its own, in which nothing is vacuumed or analysed unless a test does so."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.store = open_store(url)
        self.store.migrate()
        self.sql("ALTER TABLE jobs SET (autovacuum_enabled = off)")

    def sql(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def fill(self, run: Run, jobs: int) -> None:
        """That many more jobs, as `add_many` leaves them."""
        self.sql(
            "INSERT INTO videos (root, path, size_bytes, mtime_ns) "
            f"SELECT 'archive', 'many/' || n, n, {run.run_id} FROM generate_series(1, {jobs}) n",
            "INSERT INTO jobs (run_id, video_id, device, priority, state, max_attempts, "
            f"available_at_ms) SELECT {run.run_id}, video_id, 'any', 0, 'available', 5, 1000 "
            f"FROM videos WHERE path LIKE 'many/%' AND mtime_ns = {run.run_id} ORDER BY video_id",
        )

    def night(self, *since: str) -> Run:
        """A run of MANY jobs, analysed while all of them waited; then came `since`."""
        run = add_run(self.store, 0)
        self.fill(run, MANY)
        self.sql("VACUUM ANALYZE", *since)
        return run

    def rows_read(self) -> int:
        """Rows of `jobs`, and entries of its indexes, that statements have passed so far."""
        self.store.close()  # a connection's counts are complete when it is gone
        with psycopg.connect(self.url, autocommit=True) as connection:
            while _others(connection):
                time.sleep(0.01)
            row = connection.execute(_READ).fetchone()
        assert row
        return int(row[0])


def _others(connection: psycopg.Connection[tuple[int]]) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    ).fetchone()
    return found is not None and found[0] > 0


@pytest.fixture
def ledger(postgres_server: str) -> Iterator[Ledger]:
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS plans WITH (FORCE)")
        admin.execute("CREATE DATABASE plans")
    opened = Ledger(postgres_server.replace("/postgres?", "/plans?"))
    yield opened
    opened.store.close()


def follow(store: Store, held: Claim) -> Claim | None:
    with store.unit_of_work() as uow:
        following = uow.jobs.claim_following(held, lease_seconds=60)
        uow.commit()
    return following


def test_claims_do_not_wade_through_what_was_done(ledger: Ledger) -> None:
    ledger.night(f"UPDATE jobs SET state = 'completed' WHERE job_id <= {MANY - 500}")
    store = ledger.store
    keeper = Keeper(store, Queues(), window=WINDOW)
    keeper.tick()  # passes the dead once, and Postgres notes that they are
    before = ledger.rows_read()
    keeper.tick()
    held: Claim | None = must_claim(store, MANY - 499)
    for _ in range(20):
        assert held is not None
        complete(store, held)
        held = follow(store, held)
    assert ledger.rows_read() - before < 2_000


def test_the_end_of_a_run_does_not_read_the_run_behind_it(ledger: Ledger) -> None:
    store, run = ledger.store, add_run(ledger.store, 0)
    ledger.fill(run, MANY)
    ledger.night(
        f"UPDATE jobs SET state = 'completed' WHERE job_id <= {MANY - 20}",
        f"UPDATE jobs SET dispatched_at_ms = 1 WHERE run_id = {run.run_id}",
    )
    held = [must_claim(store, job_id) for job_id in range(MANY - 19, MANY + 1)]
    before = ledger.rows_read()
    assert {follow(store, claim) for claim in held} == {None}
    assert ledger.rows_read() - before < len(held) * (FOLLOWING_SPAN + 100)


def test_many_retryable_jobs_are_promoted_batch_by_batch(ledger: Ledger) -> None:
    failed = f"UPDATE jobs SET state = 'retryable' WHERE job_id <= {3 * PROMOTE_BATCH}"
    run = ledger.night(failed)
    before = ledger.rows_read()
    with ledger.store.unit_of_work() as uow:
        uow.jobs.due(devices=["any"], limit=1, redispatch=False)
        counts = uow.jobs.counts(run.run_id)
        uow.commit()
    assert counts[JobState.RETRYABLE] == 2 * PROMOTE_BATCH
    assert ledger.rows_read() - before < 2 * MANY  # one pass counts the states


def test_a_cancelled_run_costs_a_keeper_one_look(ledger: Ledger) -> None:
    store, cancelled = ledger.store, add_run(ledger.store, 0)
    ledger.night()
    with store.unit_of_work() as uow:
        uow.runs.cancel(cancelled.run_id)
        uow.commit()
    before = ledger.rows_read()
    with store.unit_of_work() as uow:
        assert uow.jobs.sweep_cancelled() == 0
    assert ledger.rows_read() - before < 100


def test_reasons_are_read_past_the_jobs_that_have_none(ledger: Ledger) -> None:
    ledger.night(
        f"UPDATE jobs SET state = 'completed' WHERE job_id <= {MANY // 2}",
        "UPDATE jobs SET state = 'retryable', error_code = 'disk_full' WHERE job_id % 400 = 0",
    )
    before = ledger.rows_read()
    with ledger.store.views().overview() as overview:
        (reason,) = overview.reasons()
    assert (reason.code, reason.jobs) == ("disk_full", MANY // 400)
    assert ledger.rows_read() - before < 200
