"""A run among faults: nothing is lost and nothing done twice, whatever is killed or cut."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos.clips import write_clips
from chaos.faults import FAULTS, SHORT
from chaos.invariants import check, check_leftovers_are_swept, check_nothing_is_left
from chaos.ledgers_down import Ledger, PostgresLedger, SqliteLedger
from chaos.poison import DEVOURS, EXITS, RAISES, SEGFAULTS
from chaos.processes import wait_until
from chaos.scene import Scene
from chaos.service import Service
from posebatch_shared.jobs import JobState, Run

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]

#: How clips must end whose name starts so.
CRASHES = {"exits": EXITS, "segfaults": SEGFAULTS}
ERRORS = {"devours": DEVOURS, "raises": RAISES}
EXPECTED = {
    **dict.fromkeys(CRASHES, "worker_crashed"),
    "devours": "system",
    "raises": "internal",
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


def a_death_has_its_cause(service: Service) -> None:
    """Once nothing is killed any more: among faults, the injector may take a clip's last attempt
    before the clip does."""
    paths = write_clips(service.clips, 1, name="last", width=SEGFAULTS)
    run = service.submit(paths, name="poison")
    service.drain(run)
    wait_until(
        lambda: deaths(service, run) == {"signal 11 (SIGSEGV)"},
        60,
        lambda: str([(job.state, job.error_message) for job in service.jobs(run)]),
    )


def a_cancelled_run_stops(service: Service) -> None:
    """I7: no job starts after the answer to `cancel`, and those that run end within seconds."""
    run = service.submit(write_clips(service.clips, 40, name="late", first=100_000), name="late")
    service.wait_for_a_running_job(run)
    with service.store.unit_of_work() as uow:
        uow.runs.cancel(run.run_id)
        uow.commit()
    started = {job.job_id: job.started_at for job in service.jobs(run)}
    jobs = service.drain(run, 10)
    assert {job.job_id: job.started_at for job in jobs} == started
    assert {job.state for job in jobs} <= {JobState.CANCELLED, JobState.COMPLETED}
    assert sum(job.state is JobState.CANCELLED for job in jobs) > 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How much is asked of a service; its short form is part of every test run."""

    jobs: int
    faults: Sequence[str]
    lease_seconds: float
    waits: float  #: before another attempt, as a share of those in service


@pytest.fixture
def form(request: pytest.FixtureRequest, ledger: Ledger) -> Form:
    if not request.config.getoption("--chaos-long"):
        return Form(jobs=40, faults=list(FAULTS)[:SHORT], lease_seconds=1.2, waits=0.125)
    jobs = 500 if isinstance(ledger, SqliteLedger) else 2000
    return Form(jobs=jobs, faults=list(FAULTS), lease_seconds=3.0, waits=1.0)


def inflict(scene: Scene, faults: Sequence[str]) -> Iterator[tuple[str, float]]:
    """One fault after the other; how long the next result takes once the cause of each is over."""
    for name in faults:
        before = completed(scene.service, scene.run)
        assert not scene.service.is_drained(scene.run), f"no job is left for {name}"
        FAULTS[name](scene)
        cause_over = time.monotonic()
        wait_until(
            lambda before=before: (
                completed(scene.service, scene.run) > before or scene.service.is_drained(scene.run)
            ),
            120,
        )
        yield name, time.monotonic() - cause_over


def test_a_run_survives_its_faults(ledger: Ledger, form: Form, tmp_path: Path) -> None:
    began = time.monotonic()
    folder = tmp_path / "service"
    with Service(folder, ledger.url, lease_seconds=form.lease_seconds, waits=form.waits) as service:
        run = submit(service, form.jobs)
        service.wait_for_a_running_job(run)
        table = list(inflict(Scene(service, ledger, run), form.faults))
        service.drain(run, 1800)
        states = check(service, run, EXPECTED)
        check_leftovers_are_swept(service, run)
        copies_cost_nothing(service)
        a_cancelled_run_stops(service)
        a_death_has_its_cause(service)
        pids = service.pids()
        with service.store.unit_of_work() as uow:
            events = Counter(event.kind for event in uow.events.list(limit=100_000))
    check_nothing_is_left(service, pids)
    seconds = time.monotonic() - began
    print(f"\n{type(ledger).__name__}: {dict(states)} in {seconds:.0f} s, {dict(events)}")
    for name, waited in table:
        print(f"  {name:45s} next result {waited:6.1f} s after its cause was over")
