"""What the ledger promises about jobs, and the rules of claiming them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from posebatch_shared.errors import PosebatchError
from posebatch_shared.jobs import Claim, Device, Job, JobState, Run, VideoRef
from posebatch_shared.results import JobResult, StageTiming


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """Answer to a heartbeat: whether the claim stands, and whether a person has cancelled it."""

    valid: bool
    cancelled: bool = False


class JobRepository(Protocol):
    """Jobs and the rules of claiming them."""

    def add_many(
        self,
        run: Run,
        videos: Iterable[VideoRef],
        *,
        device: Device = "any",
        priority: int = 0,
        max_attempts: int = 5,
    ) -> int:
        """Insert in batches; a video already in the run is left alone. Returns the number new.

        A larger `priority` is more urgent.
        """

    def holds_any(self, run: Run, files: Sequence[VideoRef]) -> bool:
        """Whether one of these files (path, size and time) is in the run."""

    def get(self, job_id: int) -> Job | None: ...

    def list(
        self,
        run_id: int | None = None,
        *,
        states: Sequence[JobState] = (),
        search: str = "",
        error_code: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> Sequence[Job]:
        """A page in job_id order, keyset after `after`."""

    def counts(self, run_id: int | None = None) -> Mapping[JobState, int]: ...

    def throughput(self, run_id: int) -> tuple[int, float]:
        """Frames tracked by completed jobs (cached ones track none), and the run's wall seconds
        from its first claim to its last end, or to now while it goes on."""

    def running_owners(self) -> set[str]:
        """Who holds a lease now."""

    def reuse_completed(self, run: Run) -> int:
        """Complete the run's waiting jobs whose file (root, path, size, time) has a result under
        the same options, pointing to it; returns how many. No file is read."""

    def reanalysed(self, job_id: int, result: JobResult) -> bool:
        """Point a completed job to another analysis of the same content; False if it is not
        completed, or of other content."""

    def claim(
        self, job_id: int, *, owner: str, devices: Sequence[Device], lease_seconds: float
    ) -> Claim | None:
        """Take this job if it waits, is due, and its run is neither paused nor cancelled.

        One atomic UPDATE: state, owner, attempt + 1, a token larger than any before, lease.
        """

    def claim_following(self, claim: Claim, *, lease_seconds: float) -> Claim | None:
        """For the same owner: the next job of the same run, queue and priority that no wake-up was
        sent for, so that nobody else is on the way to it; None if none was entered soon after."""

    def beat(
        self, claim: Claim, *, frames_done: int, frames_total: int | None, lease_seconds: float
    ) -> Beat: ...

    def complete(self, claim: Claim, result: JobResult) -> int:
        """Result, timings and state in this transaction; returns result_id.

        Raises StaleClaim if the token is no longer the job's, ResultDeleted if it is a known result
        that has been deleted since. If a result of the same content and pipeline is there already,
        the job points to that one.
        """

    def fail(
        self,
        claim: Claim,
        error: PosebatchError,
        *,
        timings: Sequence[StageTiming],
        costs_attempt: bool = True,
    ) -> Job:
        """Retryable with backoff and jitter while attempts are left and it is transient, else
        discarded; an outage costs no attempt. Raises StaleClaim."""

    def cancelled(self, claim: Claim) -> None:
        """The worker stopped a cancelled job."""

    def release(self, claim: Claim) -> None:
        """Hand back without using up the attempt (graceful stop)."""

    def rescue(
        self,
        *,
        dead_owners: Sequence[str] = (),
        expired: bool = True,
        limit: int = 100,
        causes: Mapping[str, str] = MappingProxyType({}),
    ) -> Sequence[Job]:
        """Expired leases, and those of owners known to be dead: back to retryable with one crash
        more, or discarded as `worker_crashed` at MAX_CRASHES. `expired=False` leaves the silent
        alone; `causes` says how dead owners died."""

    def explain_crash(self, owner: str, cause: str) -> None:
        """Say of the jobs that were rescued from a dead worker how it died."""

    def expire(self, *, older_than_seconds: float) -> int:
        """Discard jobs whose attempt has run for longer than that, as `time_limit`; their workers
        hear of it at the next beat. Returns how many."""

    def vouch(self, owners: Sequence[str], *, lease_seconds: float, silent_seconds: float) -> int:
        """Extend the leases of owners known to be alive, if they beat in the last
        `silent_seconds`; returns how many."""

    def sweep_cancelled(self) -> int:
        """End what still waits in cancelled runs, a batch at a time; returns how many."""

    def due(self, *, devices: Sequence[Device], limit: int, redispatch: bool) -> Sequence[Job]:
        """Jobs to wake a worker for, most urgent first, of those of a run the largest file first;
        marked as dispatched. Without `redispatch` only those never dispatched since they last
        became available."""

    def waiting_dispatched(self, device: Device) -> int:
        """Claimable jobs of this queue that have been dispatched."""
