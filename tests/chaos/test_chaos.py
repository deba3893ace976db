"""A run among faults: nothing is lost and nothing done twice, whatever is killed or cut."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.clips import write_clips
from chaos.faults import FAULTS, SHORT, Injector
from chaos.invariants import check, check_nothing_is_left
from chaos.ledgers_down import Ledger, PostgresLedger, SqliteLedger
from chaos.poison import DEVOURS, EXITS, RAISES, SEGFAULTS
from chaos.service import Service, wait_until
from posebatch_shared.jobs import JobState, Run

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]

#: How clips must end whose name starts so.
CRASHES = {"exits": EXITS, "segfaults": SEGFAULTS}
ERRORS = {"devours": DEVOURS, "raises": RAISES}
EXPECTED = {
    **dict.fromkeys(CRASHES, "worker_crashed"),
    **dict.fromkeys(ERRORS, "internal"),
    "changed": "file_changed",
    "vanished": "not_found",
}


@pytest.fixture(params=["postgres", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "sqlite":
        yield SqliteLedger(tmp_path / "ledger.sqlite")
        return
    # Not under pytest's folder, which the server's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="posebatch-chaos-"))
    postgres = PostgresLedger(folder)
    yield postgres
    postgres.close()
    shutil.rmtree(folder, ignore_errors=True)


def submit(service: Service, number: int) -> Run:
    """Good clips, poison, and files that are no longer what was submitted."""
    paths = write_clips(service.clips, number)
    for name, width in (CRASHES | ERRORS).items():
        paths += write_clips(service.clips, 1, name=name, width=width)
    changed, vanished = (
        write_clips(service.clips, 1, name=name) for name in ("changed", "vanished")
    )
    run = service.submit([*paths, *changed, *vanished])
    changed[0].write_bytes(changed[0].read_bytes() + b"\0" * 8)
    vanished[0].unlink()
    return run


def completed(service: Service, run: Run) -> int:
    with service.store.unit_of_work() as uow:
        return uow.jobs.counts(run.run_id).get(JobState.COMPLETED, 0)


def deaths(service: Service, run: Run) -> set[str]:
    """How the workers of the jobs in the dead letters died, by the last attempt of each."""
    with service.store.unit_of_work() as uow:
        dead = uow.jobs.list(run.run_id, error_code="worker_crashed")
    return {str(job.error_message).partition(" died: ")[2] for job in dead}


def copies_cost_nothing(service: Service) -> None:
    """The same bytes under other names, in another run: the first results, and no frame tracked."""
    run = service.submit(write_clips(service.clips, 5, name="copy"), name="copies")
    jobs = service.drain(run)
    assert {job.state for job in jobs} == {JobState.COMPLETED}
    assert all(job.cache_hit and job.frames_done == 0 for job in jobs)


def a_cancelled_run_stops(service: Service) -> None:
    """I7: no job starts after the answer to `cancel`, and those that run end within seconds."""
    run = service.submit(write_clips(service.clips, 60, name="late", first=100_000), name="late")
    service.wait_for_a_running_job(run)
    with service.store.unit_of_work() as uow:
        uow.runs.cancel(run.run_id)
        uow.commit()
    started = {job.job_id: job.started_at for job in service.jobs(run)}
    jobs = service.drain(run, 10)
    assert {job.job_id: job.started_at for job in jobs} == started
    assert {job.state for job in jobs} <= {JobState.CANCELLED, JobState.COMPLETED}
    assert sum(job.state is JobState.CANCELLED for job in jobs) > 40


def test_a_run_survives_its_faults(
    ledger: Ledger, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    long = request.config.getoption("--chaos-long")
    sqlite = isinstance(ledger, SqliteLedger)
    number = (500 if sqlite else 2000) if long else 60
    faults = list(FAULTS) if long else list(FAULTS)[:SHORT]
    table: list[tuple[str, float]] = []
    began = time.monotonic()
    with Service(tmp_path / "service", ledger.url) as service:
        run = submit(service, number)
        injector = Injector(service, ledger, run)
        service.wait_for_a_running_job(run)
        for name in faults:
            if service.is_drained(run):
                break
            before = completed(service, run)
            FAULTS[name](injector)
            cause_over = time.monotonic()
            wait_until(
                lambda before=before: completed(service, run) > before or service.is_drained(run),
                120,
            )
            table.append((name, time.monotonic() - cause_over))
        service.drain(run, 1800)
        states = check(service, run, EXPECTED)
        # The injector may have killed one of them in its last attempt, before it died by itself.
        wait_until(lambda: bool(deaths(service, run) & {"exitcode 3", "signal 11 (SIGSEGV)"}), 30)
        copies_cost_nothing(service)
        a_cancelled_run_stops(service)
        pids = [worker.pid for worker in service.workers.values()]
        with service.store.unit_of_work() as uow:
            events = uow.events.list(limit=100_000)
    check_nothing_is_left(service, pids)
    kinds = {kind: sum(event.kind == kind for event in events) for kind in {e.kind for e in events}}
    print(f"\n{type(ledger).__name__}: {dict(states)} in {time.monotonic() - began:.0f} s, {kinds}")
    for name, seconds in table:
        print(f"  {name:45s} next result {seconds:6.1f} s after its cause was over")
    assert len(table) == len(faults)
