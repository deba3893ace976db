"""Runs that leave the ledger: what goes with them, what stays, and who is in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import posebatch_shared.store.deletion as deletion_module
from deletions import add_jobs, delete_batch, done, found, known
from ledgers import add_run, complete, job_of, jobs_of, must_claim, rescue
from posebatch_shared.errors import ResultDeleted, StaleClaim, UsageError
from posebatch_shared.jobs import JobState
from posebatch_shared.store import Store


def test_what_another_run_uses_stays(store: Store) -> None:
    run = done(store, found("c1"), found("c2"))
    other = done(store, found("c2"))
    with store.views().deletion() as deletion:
        assert deletion.find([run.run_id]).files == {"c1.parquet"}
    gone = delete_batch(store, run)
    assert (gone.jobs, len(gone.results), gone.files) == (2, 1, {"c1.parquet"})
    assert jobs_of(store, run) == []
    assert known(store, "c1", "c2") == ["c2"]
    assert job_of(store, jobs_of(store, other)[0].job_id).state is JobState.COMPLETED
    assert delete_batch(store, other).files == {"c2.parquet"}
    assert known(store, "c1", "c2") == []


def test_a_file_that_another_analysis_names_stays_and_unused_analyses_go(store: Store) -> None:
    run = done(store, found("c1", "old"), found("c2", "old"))
    with store.unit_of_work() as uow:
        for job in jobs_of(store, run):
            again = found(f"c{job.job_id}", "new", file=f"c{job.job_id}")
            assert uow.jobs.reanalysed(job.job_id, again)
        uow.commit()
    done(store, found("c1", "old"))
    gone = delete_batch(store, run)
    assert (len(gone.results), gone.files) == (3, {"c2.parquet"})
    assert known(store, "c1", "c2") == ["c1"]


def test_a_run_whose_jobs_have_not_ended_is_refused(store: Store) -> None:
    run = add_run(store, 2)
    complete(store, must_claim(store, 1), found("c1"))
    for ask in ("find", "delete_batch"):
        with (
            pytest.raises(UsageError, match="run 1: 1 jobs have not ended"),
            store.views().deletion() as deletion,
        ):
            getattr(deletion, ask)([run.run_id] if ask == "find" else run)
    assert len(jobs_of(store, run)) == 2


def test_a_large_run_goes_batch_by_batch_and_then_itself_with_its_log(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion_module, "BATCH", 2)
    run = done(store, found("c1"), found("c2"), found("c1"))
    batches = [delete_batch(store, run) for _ in range(3)]
    assert [batch.jobs for batch in batches] == [2, 1, 0]
    assert [batch.files for batch in batches] == [{"c2.parquet"}, {"c1.parquet"}, set()]
    with store.views().deletion() as deletion:
        deletion.delete_empty(run, actor="command")
    with store.unit_of_work() as uow:
        assert uow.runs.get(run.run_id) is None
        (event,) = uow.events.list()
    assert (event.kind, event.run_id, event.detail["run"]) == ("run_deleted", None, run.run_id)


@pytest.mark.parametrize("pipeline", ["p0", "another analysis"])
def test_a_known_result_that_is_gone_by_then_is_not_taken_over(store: Store, pipeline: str) -> None:
    run = done(store, found("c1"))
    held = must_claim(store, jobs_of(store, add_run(store))[0].job_id)
    delete_batch(store, run)
    with pytest.raises(ResultDeleted):
        complete(store, held, replace(found("c1", pipeline, file="c1"), cache_hit=True))
    assert known(store, "c1") == []
    complete(store, held, found("c1", file="tracked anew"))


def test_a_known_result_that_is_there_is_taken_over(store: Store) -> None:
    done(store, found("c1"))
    for pipeline in ("p0", "another analysis"):
        held = must_claim(store, jobs_of(store, add_run(store))[0].job_id)
        complete(store, held, replace(found("c1", pipeline, file="c1"), cache_hit=True))


def test_a_run_that_has_the_number_of_a_deleted_one_is_another(store: Store) -> None:
    now = done(store, found("c1"))
    deleted = replace(now, created_at=now.created_at - timedelta(seconds=1))
    assert delete_batch(store, deleted).jobs == 0
    with store.views().deletion() as deletion:
        deletion.delete_empty(deleted, actor="command")
    with pytest.raises(UsageError, match="deleted"):
        add_jobs(store, deleted)
    assert len(jobs_of(store, now)) == 1


def test_what_is_told_of_a_crash_goes_with_its_run(store: Store) -> None:
    """SQLite may give the job's number to another one."""
    run = add_run(store)
    held = must_claim(store, jobs_of(store, run)[0].job_id)
    rescue(store, dead_owners=[held.owner])
    with store.unit_of_work() as uow:
        uow.jobs.explain_crash(held.owner, "was killed")
        uow.commit()
    complete(store, must_claim(store, held.job.job_id))
    delete_batch(store, run)
    with store.views().deletion() as deletion:
        deletion.delete_empty(run, actor="command")
    with store.unit_of_work() as uow:
        assert uow.events.list(job_id=held.job.job_id) == []


def test_a_number_that_is_given_again_has_other_tokens(store: Store) -> None:
    """SQLite does so with the highest; who held the first job must not end the second."""
    run = add_run(store)
    held = must_claim(store, jobs_of(store, run)[0].job_id)
    complete(store, held, found("c1"))
    delete_batch(store, run)
    (job,) = jobs_of(store, add_run(store))
    now = must_claim(store, job.job_id)
    assert now.token > held.token
    with pytest.raises(StaleClaim):
        complete(store, replace(held, job=replace(held.job, job_id=job.job_id)), found("c2"))
    assert job_of(store, job.job_id).state is JobState.RUNNING
