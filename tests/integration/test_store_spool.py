"""A result that meets a ledger which is down is committed once it is back, or yields to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledgers import OTHER, add_run, complete, job_of, jobs_of, must_claim, rescue, result
from posebatch_shared.errors import StaleClaim, StoreUnavailable
from posebatch_shared.jobs import Claim, JobState
from posebatch_shared.results import Artifacts
from posebatch_shared.store import Store
from posebatch_workers.spool import Spool


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def held(store: Store) -> Claim:
    return must_claim(store, jobs_of(store, add_run(store))[0].job_id)


class Down:
    """A ledger that does not answer."""

    def unit_of_work(self) -> None:
        raise StoreUnavailable("down")


def files(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "spool").glob("*")]


def test_with_the_ledger_up_nothing_is_kept(store: Store, spool: Spool, held: Claim) -> None:
    assert spool.complete(store, held, result())
    assert (job_of(store, held.job.job_id).state, spool.drain(store)) == (JobState.COMPLETED, 0)


def test_a_kept_result_is_committed_whole(
    store: Store, spool: Spool, held: Claim, tmp_path: Path
) -> None:
    outcome = result("kept")
    assert not spool.complete(Down(), held, outcome)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        spool.drain(Down())  # type: ignore[arg-type]
    assert Spool(tmp_path / "spool").drain(store) == 1
    assert files(tmp_path) == []
    job = job_of(store, held.job.job_id)
    with store.unit_of_work() as uow:
        assert job.result_id is not None
        stored = uow.results.get(job.result_id)
        assert tuple(uow.results.timings(job.job_id)) == outcome.timings
    assert stored is not None
    assert (stored.video_info, stored.tracker) == (outcome.video_info, outcome.tracker)
    assert (stored.analysis, stored.artifacts) == (outcome.analysis, outcome.artifacts)


def test_many_results_are_kept_through_an_outage(store: Store, spool: Spool) -> None:
    run = add_run(store, 3)
    for job in jobs_of(store, run):
        kept = result(f"c{job.job_id}")
        assert not spool.complete(Down(), must_claim(store, job.job_id), kept)  # type: ignore[arg-type]
    assert spool.drain(store) == 3
    assert {job.state for job in jobs_of(store, run)} == {JobState.COMPLETED}


def test_a_kept_result_yields_to_a_worker_that_has_the_job_now(
    store: Store, spool: Spool, held: Claim, tmp_path: Path
) -> None:
    spool.complete(Down(), held, result("late"))  # type: ignore[arg-type]
    rescue(store, dead_owners=[held.owner])
    complete(store, must_claim(store, held.job.job_id, owner=OTHER), result("fresh"))
    assert spool.drain(store) == 0
    assert files(tmp_path) == []
    assert job_of(store, held.job.job_id).content_hash == "fresh"


def test_the_job_of_a_known_result_that_was_deleted_since_waits_to_be_tracked(
    store: Store, spool: Spool, held: Claim, tmp_path: Path
) -> None:
    """Else its worker would seem to have died with it."""
    known = result("gone", artifacts=Artifacts(keypoints="file:///gone.parquet"), cache_hit=True)
    assert not spool.complete(Down(), held, known)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        spool.drain(Down())  # type: ignore[arg-type]
    assert spool.drain(store) == 0
    assert files(tmp_path) == []
    job = job_of(store, held.job.job_id)
    assert (job.state, job.attempt, job.crashes) == (JobState.AVAILABLE, 0, 0)


def test_a_known_result_that_was_deleted_since_yields_as_well(
    store: Store, spool: Spool, held: Claim, tmp_path: Path
) -> None:
    known = result("gone", artifacts=Artifacts(keypoints="file:///gone.parquet"), cache_hit=True)
    spool.complete(Down(), held, known)  # type: ignore[arg-type]
    rescue(store, dead_owners=[held.owner])
    again = must_claim(store, held.job.job_id, owner=OTHER)
    assert spool.drain(store) == 0
    assert files(tmp_path) == []
    assert job_of(store, held.job.job_id).token == again.token


def test_a_stale_claim_is_not_kept(store: Store, spool: Spool, held: Claim) -> None:
    rescue(store, dead_owners=[held.owner])
    with pytest.raises(StaleClaim):
        spool.complete(store, held, result())
    assert spool.drain(store) == 0


def test_a_file_that_is_not_ours_is_set_aside(store: Store, spool: Spool, tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool/1-1.json").write_text("{")
    assert spool.drain(store) == 0
    assert files(tmp_path) == ["1-1.unreadable"]
