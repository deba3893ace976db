"""Which jobs does one wake-up bring? The one that it names, and short ones that wait behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.jobs import Claim, Device
from posebatch_shared.logs import logger
from posebatch_shared.store import Store
from posebatch_shared.store.job_port import JobRepository

log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Takes jobs from the ledger for one process."""

    store: Store
    owner: str
    devices: Sequence[Device]
    lease_seconds: float
    message_seconds: float
    stop_file: Path  #: appears when the worker is asked to stop

    def of_message(self, job_id: int) -> Iterator[Claim]:
        """Each claim must be worked on before the next is asked for.

        For up to `message_seconds` the process goes on with jobs that no wake-up was sent for, so
        that short jobs share what a message costs.
        """
        until = monotonic() + self.message_seconds
        claim = self._take(
            lambda jobs: jobs.claim(
                job_id, owner=self.owner, devices=self.devices, lease_seconds=self.lease_seconds
            )
        )
        while claim is not None:
            yield claim
            if monotonic() >= until or self.stop_file.exists():
                return
            claim = self._following(claim)

    def _following(self, claim: Claim) -> Claim | None:
        return self._take(
            lambda jobs: jobs.claim_following(claim, lease_seconds=self.lease_seconds)
        )

    def _take(self, take: Callable[[JobRepository], Claim | None]) -> Claim | None:
        try:
            with self.store.unit_of_work() as uow:
                claim = take(uow.jobs)
                uow.commit()
        except StoreUnavailable as error:  # the job waits in the ledger; a keeper will ring again
            log.warning("claim_failed", error=str(error))
            return None
        return claim
