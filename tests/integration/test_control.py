"""What a person may do with a run from the command line, by what has become of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledgers import add_run, beat, complete, fail, must_claim, states
from posebatch_producer.control import change, retry_run
from posebatch_shared.errors import NoPerson, UsageError
from posebatch_shared.jobs import JobState
from posebatch_shared.run_control import RunAction
from posebatch_shared.store import Store


@pytest.fixture
def ledger(store: Store, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path))
    return store


def kinds(store: Store) -> list[str]:
    with store.unit_of_work() as uow:
        return [event.kind for event in uow.events.list()]


def test_a_run_is_paused_resumed_and_cancelled(ledger: Store) -> None:
    run = add_run(ledger, 2)
    complete(ledger, must_claim(ledger, 1))
    for action, done in (("pause", "paused"), ("resume", "resumed"), ("cancel", "cancelled")):
        said = change("night", action)
        assert said == f"run {run.run_id} · night: {done}, 1 of 2 jobs had not ended"
        change("night", action)  # again: no error, and nothing that is worth a line in the log
    assert kinds(ledger)[:3] == ["run_cancel", "run_resume", "run_pause"]


@pytest.mark.parametrize("action", ["pause", "resume", "cancel"])
def test_a_run_that_has_ended_stays_as_it_is(ledger: Store, action: RunAction) -> None:
    run = add_run(ledger, 1)
    complete(ledger, must_claim(ledger, 1))
    with pytest.raises(UsageError, match="night is completed; it cannot be"):
        change(str(run.run_id), action)
    with ledger.unit_of_work() as uow:
        assert uow.runs.get(run.run_id) == run
    assert f"run_{action}" not in kinds(ledger)


def test_what_is_left_of_a_cancelled_run_ends_when_it_is_cancelled_again(
    ledger: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no worker is left that would see to it."""
    monkeypatch.setattr("posebatch_shared.store.runs.CANCEL_BATCH", 1)
    run = add_run(ledger, 4)
    held = must_claim(ledger, 1)
    change("night", "cancel")
    left = [JobState.AVAILABLE] * 2
    assert states(ledger, run) == [JobState.RUNNING, JobState.CANCELLED, *left]
    beat(ledger, held, lease_seconds=-1)  # its last
    change("night", "cancel")
    assert set(states(ledger, run)) == {JobState.CANCELLED}
    assert kinds(ledger).count("run_cancel") == 1


DISCARDED, CANCELLED, AVAILABLE = JobState.DISCARDED, JobState.CANCELLED, JobState.AVAILABLE


@pytest.mark.parametrize(
    ("failed", "cancelled", "after", "said"),
    [
        (True, False, [AVAILABLE, CANCELLED], "1 jobs put back; 1 cancelled ones stay, without"),
        (False, True, [DISCARDED, AVAILABLE], "1 jobs put back"),
        (True, True, [AVAILABLE, AVAILABLE], "2 jobs put back"),
    ],
)
def test_a_retry_takes_the_jobs_that_are_asked_for(
    ledger: Store, failed: bool, cancelled: bool, after: list[JobState], said: str
) -> None:
    run = add_run(ledger, 2)
    fail(ledger, must_claim(ledger, 1), NoPerson("nobody"))
    change("night", "cancel")
    assert states(ledger, run) == [DISCARDED, CANCELLED]
    assert said in retry_run("night", failed=failed, cancelled=cancelled)
    assert states(ledger, run) == after


def test_a_retry_of_no_job_leaves_the_run_as_it_is(ledger: Store) -> None:
    run = add_run(ledger, 1)
    change("night", "cancel")
    said = retry_run("night", failed=True, cancelled=False)
    assert said.endswith("0 jobs put back; 1 cancelled ones stay, without --cancelled")
    with ledger.unit_of_work() as uow:
        now = uow.runs.get(run.run_id)
    assert now is not None
    assert now.cancelled
    assert kinds(ledger)[0] == "run_cancel"
