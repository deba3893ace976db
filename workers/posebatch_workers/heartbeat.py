"""Does the claim on this job still stand? A thread asks the ledger while the job runs."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.jobs import Claim
from posebatch_shared.logs import logger
from posebatch_shared.store import Store
from posebatch_shared.store.job_port import Beat

log = logger(__name__)

#: A beat that hangs on a dead connection does not hold up the end of a job; it is refused later.
_PATIENCE_SECONDS = 1.0


class Heartbeat:
    """Extends the lease every `beat_seconds` from its own thread and carries progress along.

    A ledger that does not answer is no reason to stop: the token decides at the end. While native
    code holds the interpreter this thread is silent, and the keeper vouches for the process.
    """

    def __init__(
        self, store: Store, claim: Claim, *, beat_seconds: float, lease_seconds: float
    ) -> None:
        self._store = store
        self._claim = claim
        self._beat_seconds = beat_seconds
        self._lease_seconds = lease_seconds
        self._progress: tuple[int, int | None] = (0, None)
        self._last = Beat(valid=True)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    @property
    def last_beat(self) -> Beat:
        """The ledger's last answer: whether the claim stands, and whether it was cancelled."""
        return self._last

    def progress(self, frames_done: int, frames_total: int | None) -> None:
        """Told to the ledger with the next beat."""
        self._progress = (frames_done, frames_total)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(_PATIENCE_SECONDS)

    def _run(self) -> None:
        while self._last.valid and not self._stop.wait(self._beat_seconds):
            try:
                self._last = self._beat()
            except StoreUnavailable as error:
                log.warning("beat_failed", job_id=self._claim.job.job_id, error=str(error))

    def _beat(self) -> Beat:
        done, total = self._progress
        with self._store.unit_of_work() as uow:
            beat = uow.jobs.beat(
                self._claim,
                frames_done=done,
                frames_total=total,
                lease_seconds=self._lease_seconds,
            )
            uow.commit()
        return beat
