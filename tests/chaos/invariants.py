"""What must hold after every drain, whatever happened before (I1 to I10)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from chaos.service import Service
from posebatch_shared.jobs import MAX_CRASHES, TERMINAL, Job, JobState, Run
from posebatch_shared.results import JobResult
from posebatch_shared.settings import Settings
from posebatch_workers.orphans import sweep_orphans


def check(service: Service, run: Run, expected: Mapping[str, str]) -> Counter[str]:
    """Raise where an invariant is broken; returns jobs by state.

    `expected` names the error code with which a clip must end, by the start of its name; every
    other clip must complete.
    """
    jobs = service.jobs(run)
    results = _results(service, jobs)
    for job in jobs:
        _ends_as_expected(job, expected)
        _kept_its_limits(job)
    _one_result_per_content(service, jobs, results)
    _same_bytes(service, results.values())
    _counts_equal_rows(service, run, jobs)
    return Counter(job.state.value for job in jobs)


def _ends_as_expected(job: Job, expected: Mapping[str, str]) -> None:
    """I1 and I4: one terminal state, and the poison in the dead letters with its reason."""
    assert job.state in TERMINAL, job
    code = next((code for name, code in expected.items() if job.video.path.startswith(name)), None)
    wanted = JobState.DISCARDED if code else JobState.COMPLETED
    assert (job.state, job.error_code) == (wanted, code), job


def _kept_its_limits(job: Job) -> None:
    """I4."""
    assert job.attempt <= job.max_attempts
    assert job.crashes <= MAX_CRASHES


def _results(service: Service, jobs: Sequence[Job]) -> Mapping[int, JobResult]:
    found = {}
    with service.store.unit_of_work() as uow:
        for job in jobs:
            if job.result_id is not None:
                result = uow.results.get(job.result_id)
                assert result is not None
                found[job.job_id] = result
    return found


def _one_result_per_content(
    service: Service, jobs: Sequence[Job], results: Mapping[int, JobResult]
) -> None:
    """I2 and I3: the result is of the file's bytes, and was written under the job's last token."""
    completed = [job for job in jobs if job.state is JobState.COMPLETED]
    assert {job.job_id for job in completed} == results.keys()
    for job in completed:
        result = results[job.job_id]
        content = hashlib.sha256((service.clips / job.video.path).read_bytes()).hexdigest()
        assert job.content_hash == result.content_hash == content
        written_under = str(result.artifacts.keypoints).split(".")[0].rsplit("-", 1)[-1]
        assert job.cache_hit or int(written_under) == job.token, job
    assert len({job.result_id for job in completed}) == len(completed)


def _same_bytes(service: Service, results: Sequence[JobResult] | object) -> None:
    """I9: all clips show the same pictures, so all results are the same bytes."""
    contents, analyses = set(), set()
    for result in results:  # type: ignore[attr-defined]
        uri = result.artifacts.keypoints
        contents.add(hashlib.sha256(Path(uri.removeprefix("file://")).read_bytes()).hexdigest())
        analyses.add(repr(result.analysis))
    assert len(contents) == len(analyses) == 1


def _counts_equal_rows(service: Service, run: Run, jobs: Sequence[Job]) -> None:
    """I5 and I8: nothing runs any more, and counters tell what the rows tell."""
    with service.store.unit_of_work() as uow:
        assert uow.jobs.counts(run.run_id) == Counter(job.state for job in jobs)
        assert uow.jobs.running_owners() == set()


def check_leftovers_are_swept(service: Service, run: Run) -> None:
    """I10: a worker that is killed in the middle of a copy leaves half a file, here one at least;
    a sweep takes it, and nothing that a result names."""
    folder = next(service.artifacts.glob("??"))
    half = f".{folder.name}{'0' * 14}-{'0' * 16}-1.keypoints.parquet.{'0' * 8}.partial"
    (folder / half).write_bytes(b"PAR1")
    settings = Settings(
        home=service.home,
        store_url=service.store_url,
        artifacts_url=str(service.artifacts),
        orphan_days=1e-9,
    )
    sweep_orphans(settings)
    named = {
        Path(uri.removeprefix("file://"))
        for result in _results(service, service.jobs(run)).values()
        for uri in (result.artifacts.keypoints, result.artifacts.overlay)
        if uri
    }
    assert {path for path in service.artifacts.rglob("*") if path.is_file()} == named


def check_nothing_is_left(service: Service, workers: Sequence[int]) -> None:
    """I10: no room for frames and no process."""
    assert list((service.home / "spool").glob("*")) == []
    assert [pid for pid in workers if psutil.pid_exists(pid)] == []
