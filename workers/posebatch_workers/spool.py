"""Where a finished result waits while the ledger does not answer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from posebatch_shared.errors import ResultDeleted, StaleClaim, StoreUnavailable
from posebatch_shared.jobs import Claim
from posebatch_shared.logs import logger
from posebatch_shared.results import JobResult
from posebatch_shared.store import Store

log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spooled:
    claim: Claim
    result: JobResult


_FORMAT = TypeAdapter(_Spooled)


class Spool:
    """A folder of results as JSON, one file per claim, shared by the processes of a machine.

    The token decides when they are committed: if another worker has the job by then, that worker's
    result counts and this one is dropped.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def complete(self, store: Store, claim: Claim, result: JobResult) -> bool:
        """Commit the result now, or keep it for `drain`; returns whether it is in the ledger.

        Errors: StaleClaim, ResultDeleted; OSError if it cannot be kept either.
        """
        try:
            _commit(store, claim, result)
        except StoreUnavailable as error:
            self._keep(_Spooled(claim=claim, result=result))
            log.warning("result_spooled", job_id=claim.job.job_id, error=str(error))
            return False
        return True

    def drain(self, store: Store) -> int:
        """Commit what is kept; returns how many. Errors: StoreUnavailable, the rest is kept."""
        paths = sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []
        return sum(self._drain_one(store, path) for path in paths)

    def _keep(self, spooled: _Spooled) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / f"{spooled.claim.job.job_id}-{spooled.claim.token}.json"
        partial = target.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as file:
            file.write(_FORMAT.dump_json(spooled))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)

    def _drain_one(self, store: Store, path: Path) -> bool:
        try:
            spooled = _FORMAT.validate_json(path.read_bytes())
            is_in = _settle(store, spooled)
        except FileNotFoundError:
            return False  # another process of this machine was faster
        except ValidationError as error:
            log.warning("spool_file_unreadable", path=str(path), error=str(error))
            path.rename(path.with_suffix(".unreadable"))
            return False
        except StaleClaim as error:
            log.warning("spooled_result_dropped", error=str(error))
            is_in = False
        path.unlink(missing_ok=True)
        return is_in


def _settle(store: Store, spooled: _Spooled) -> bool:
    """Whether its result counts; the job of a known one that was deleted since is handed back."""
    try:
        _commit(store, spooled.claim, spooled.result)
    except ResultDeleted as error:
        log.warning("spooled_result_dropped", error=str(error))
        with store.unit_of_work() as uow:
            uow.jobs.release(spooled.claim)
            uow.commit()
        return False
    return True


def _commit(store: Store, claim: Claim, result: JobResult) -> None:
    with store.unit_of_work() as uow:
        uow.jobs.complete(claim, result)
        uow.commit()
