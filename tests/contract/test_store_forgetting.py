"""A run is forgotten whole, and nobody else loses anything by it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, func, select

from ledgers import add_run, complete, fail, job_of, jobs_of, must_claim, result
from posebatch_shared.errors import NoFrames, StaleClaim
from posebatch_shared.jobs import JobState, Run
from posebatch_shared.results import Artifacts, JobResult
from posebatch_shared.store import Store, open_store
from posebatch_shared.store.tables import events, headers, jobs, results, runs, stage_timings


def filed(number: int) -> JobResult:
    """The result of one content, with a file of its own."""
    name = f"{number:016x}-{'e' * 16}-1.keypoints.parquet"
    artifacts = Artifacts(keypoints=f"file:///a/{name[:2]}/{name}")
    return result(f"{number:016x}" + "0" * 48, artifacts=artifacts)


def complete_all(store: Store, run: Run, *numbers: int) -> None:
    for job, number in zip(jobs_of(store, run), numbers, strict=True):
        complete(store, must_claim(store, job.job_id), filed(number))


def forget(store: Store, run: Run) -> tuple[list[str], bool]:
    """Files of results that nobody has any more, and whether the run is gone."""
    files: list[str] = []
    while True:
        with store.views().forgetting() as forgetting:
            if not forgetting.jobs(run.run_id):
                break
    next_id: int | None = 1
    while next_id is not None:
        with store.views().forgetting() as forgetting:
            forgotten = forgetting.results(next_id)
        files += forgotten.files
        next_id = forgotten.next_id
    with store.views().forgetting() as forgetting:
        return files, forgetting.run(run.run_id)


def rows(store_url: str) -> dict[str, int]:
    engine = create_engine(store_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (runs, jobs, results, stage_timings, headers, events)
        }
    engine.dispose()
    return counts


def test_what_only_this_run_has_goes_and_the_rest_stays(store: Store, store_url: str) -> None:
    kept, gone = add_run(store, 2), add_run(store, 3, name="trial")
    complete_all(store, kept, 0, 1)
    before = rows(store_url)
    first, second, third = jobs_of(store, gone)
    complete(store, must_claim(store, first.job_id), filed(1))
    complete(store, must_claim(store, second.job_id), filed(2))
    fail(store, must_claim(store, third.job_id), NoFrames("none"))
    with store.unit_of_work() as uow:
        uow.events.add("run_pause", actor="command", run_id=gone.run_id)
        uow.commit()

    files, is_gone = forget(store, gone)
    assert is_gone
    assert files == [f"{2:016x}-{'e' * 16}-1.keypoints.parquet"]
    after = rows(store_url)
    assert after == {**before, "runs": 1, "jobs": 2, "events": 1}
    with store.unit_of_work() as uow:
        assert uow.runs.get(gone.run_id) is None
        for job in jobs_of(store, kept):
            assert uow.results.get(job.result_id or 0) is not None
            assert uow.results.timings(job.job_id)


def test_jobs_that_have_not_ended_stay_and_so_does_their_run(store: Store) -> None:
    run = add_run(store, 2)
    ended, waits = jobs_of(store, run)
    complete(store, must_claim(store, ended.job_id), filed(0))
    _, is_gone = forget(store, run)
    assert not is_gone
    assert [job.job_id for job in jobs_of(store, run)] == [waits.job_id]
    assert job_of(store, waits.job_id).state is JobState.AVAILABLE


def test_a_number_that_is_given_again_has_other_tokens(store: Store) -> None:
    """SQLite does so with the highest; who held the first job must not end the second."""
    run = add_run(store)
    held = must_claim(store, jobs_of(store, run)[0].job_id)
    complete(store, held, filed(0))
    forget(store, run)
    (job,) = jobs_of(store, add_run(store))
    late = replace(held, job=replace(held.job, job_id=job.job_id))
    now = must_claim(store, job.job_id)
    assert now.token > held.token
    with pytest.raises(StaleClaim):
        complete(store, late, filed(1))
    assert job_of(store, job.job_id).state is JobState.RUNNING


def test_a_result_that_a_worker_is_about_to_name_stays(store: Store, store_url: str) -> None:
    trial, stays = add_run(store, name="trial"), add_run(store, 2)
    complete_all(store, trial, 0)
    job = jobs_of(store, stays)[1]
    held = must_claim(store, job.job_id)
    forgets = open_store(store_url)
    outcome: list[object] = []

    def run_to_end() -> None:
        try:
            outcome.append(forget(forgets, trial))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run_to_end)
    with store.unit_of_work() as uow:
        result_id = uow.jobs.complete(held, replace(filed(0), cache_hit=True))
        thread.start()
        thread.join(0.5)  # it comes as far as it can, and waits for this transaction
        uow.commit()
    thread.join()
    forgets.close()
    assert outcome == [([], True)]
    with store.unit_of_work() as uow:
        assert uow.results.get(result_id) is not None
        assert job_of(store, job.job_id).result_id == result_id
