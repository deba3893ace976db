"""A small run on which everything happens in any order, and what must hold after every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from ledgers import OTHER, OWNER, add_run, claim, claim_next, job_of, jobs_of, result
from posebatch_shared.errors import DecoderCrashed, NoFrames, StaleClaim
from posebatch_shared.jobs import MAX_CRASHES, TERMINAL, Claim, JobState
from posebatch_shared.store import Store
from posebatch_shared.store.job_port import JobRepository

JOBS = 4


class LedgerMachine(RuleBasedStateMachine):
    """Two workers and a keeper on one small run, with claims kept and used late."""

    open_store: Callable[[], Store]
    claims: Bundle[Claim] = Bundle("claims")

    @initialize(attempts=st.integers(1, 4))
    def submit(self, attempts: int) -> None:
        self.store = type(self).open_store()
        self.run = add_run(self.store, JOBS, max_attempts=attempts)
        self.job_ids = [job.job_id for job in jobs_of(self.store, self.run)]
        self.tokens = dict.fromkeys(self.job_ids, 0)
        self.ended: dict[int, JobState] = {}
        self.cancelled = self.paused = False

    @rule(target=claims, number=st.integers(0, JOBS - 1), owner=st.sampled_from([OWNER, OTHER]))
    def claim(self, number: int, owner: str) -> object:
        return self._taken(claim(self.store, self.job_ids[number], owner=owner))

    @rule(target=claims, owner=st.sampled_from([OWNER, OTHER]))
    def claim_next(self, owner: str) -> object:
        return self._taken(claim_next(self.store, owner=owner))

    def _taken(self, held: Claim | None) -> object:
        if held is None:
            return multiple()
        assert not self.cancelled, "I7: a cancelled run starts no new job"
        assert not self.paused
        assert held.token > self.tokens[held.job.job_id], "tokens only grow"
        assert 1 <= held.job.attempt <= held.job.max_attempts
        self.tokens[held.job.job_id] = held.token
        return held

    @rule(held=claims, frames=st.integers(0, 90))
    def beat(self, held: Claim, frames: int) -> None:
        stands = self._stands(held)
        with self.store.unit_of_work() as uow:
            answer = uow.jobs.beat(held, frames_done=frames, frames_total=90, lease_seconds=60)
            uow.commit()
        assert answer.valid == stands
        assert answer.cancelled == (stands and self.cancelled)

    @rule(held=claims, content=st.sampled_from("xy"))
    def complete(self, held: Claim, content: str) -> None:
        again = job_of(self.store, held.job.job_id)
        repeated = again.state is JobState.COMPLETED and again.token == held.token
        done = self._write(held, lambda jobs: jobs.complete(held, result(content)), repeated)
        assert not done or job_of(self.store, held.job.job_id).result_id is not None

    @rule(held=claims, passes=st.booleans())
    def fail(self, held: Claim, passes: bool) -> None:
        error = DecoderCrashed("it may pass") if passes else NoFrames("it will not")
        if self._write(held, lambda jobs: jobs.fail(held, error, timings=())):
            job = job_of(self.store, held.job.job_id)
            hopeless = not passes or job.attempt >= job.max_attempts
            assert (job.state is JobState.DISCARDED) == hopeless
            self._expire_backoff()

    @rule(held=consumes(claims))
    def release(self, held: Claim) -> None:
        if self._write(held, lambda jobs: jobs.release(held)):
            assert job_of(self.store, held.job.job_id).attempt == held.job.attempt - 1

    @rule(held=claims)
    def stop(self, held: Claim) -> None:
        if self._write(held, lambda jobs: jobs.cancelled(held)):
            job = job_of(self.store, held.job.job_id)
            assert job.state is (JobState.CANCELLED if self.cancelled else JobState.AVAILABLE)
            assert job.attempt == held.job.attempt - 1

    def _write(
        self, held: Claim, write: Callable[[JobRepository], object], repeated: bool = False
    ) -> bool:
        stands = self._stands(held) or repeated
        try:
            with self.store.unit_of_work() as uow:
                write(uow.jobs)
                uow.commit()
        except StaleClaim:
            assert not stands, "a claim that stands was refused"
            return False
        assert stands, "a stale write was taken"
        return True

    @rule(dead=st.lists(st.sampled_from([OWNER, OTHER]), max_size=2, unique=True))
    def rescue(self, dead: list[str]) -> None:
        with self.store.unit_of_work() as uow:
            rescued = uow.jobs.rescue(dead_owners=dead)
            uow.jobs.sweep_cancelled()
            uow.commit()
        for job in rescued:
            assert job.owner in dead
            hopeless = job.crashes >= MAX_CRASHES or job.attempt >= job.max_attempts
            assert (job.state is JobState.DISCARDED) == hopeless

    @rule(redispatch=st.booleans())
    def ring(self, redispatch: bool) -> None:
        with self.store.unit_of_work() as uow:
            due = uow.jobs.due(devices=("any",), limit=2, redispatch=redispatch)
            uow.commit()
        assert not (due and (self.paused or self.cancelled))

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        with self.store.unit_of_work() as uow:
            (uow.runs.pause if paused else uow.runs.resume)(self.run.run_id)
            uow.commit()
        self.paused = paused

    @rule()
    def cancel(self) -> None:
        with self.store.unit_of_work() as uow:
            uow.runs.cancel(self.run.run_id)
            uow.commit()
        self.cancelled = True

    @precondition(lambda self: self.ended)
    @rule(states=st.sets(st.sampled_from(sorted(TERMINAL)), min_size=1))
    def retry(self, states: set[JobState]) -> None:
        with self.store.unit_of_work() as uow:
            uow.runs.retry(self.run.run_id, states=list(states))
            uow.commit()
        self.cancelled = False
        self.ended = {id_: state for id_, state in self.ended.items() if state not in states}

    def _stands(self, held: Claim) -> bool:
        job = job_of(self.store, held.job.job_id)
        return job.state is JobState.RUNNING and job.token == held.token

    def _expire_backoff(self) -> None:
        """Time passes: what failed is due again."""
        from sqlalchemy import update

        from posebatch_shared.store.tables import IS_RETRYABLE, jobs

        engine = self.store._engine  # type: ignore[attr-defined]
        with engine.begin() as connection:
            connection.execute(update(jobs).where(IS_RETRYABLE).values(available_at_ms=0))

    @invariant()
    def every_job_is_accounted_for(self) -> None:
        with self.store.unit_of_work() as uow:
            jobs = uow.jobs.list(self.run.run_id)
            counts = uow.jobs.counts(self.run.run_id)
        assert counts == Counter(job.state for job in jobs)
        for job in jobs:
            assert job.token >= self.tokens[job.job_id]
            assert job.attempt <= job.max_attempts, "I4"
            assert (job.finished_at is not None) == (job.state in TERMINAL)
            assert (job.result_id is not None) == (job.state is JobState.COMPLETED)
            before = self.ended.get(job.job_id)
            assert before in (None, job.state), "I1: what has ended stays ended"
            if job.state in TERMINAL:
                self.ended[job.job_id] = job.state

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
