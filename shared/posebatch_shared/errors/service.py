"""What can be wrong with ledger, broker, artifacts, workers and claims."""

from __future__ import annotations

from posebatch_shared.errors.base import PermanentError, TransientError


class StoreUnavailable(TransientError):
    """The ledger's database does not answer or refuses to write."""

    code = "store_unavailable"
    advice = "Check POSEBATCH_STORE_URL and that the database is up and writable."


class BrokerUnavailable(TransientError):
    """Redis does not answer."""

    code = "broker_unavailable"
    advice = "Check POSEBATCH_BROKER_URL and that Redis is up; waiting jobs are kept in the ledger."


class DiskFull(TransientError):
    """No room for an artifact."""

    code = "disk_full"
    advice = "Free some space where POSEBATCH_ARTIFACTS_URL points; the job is retried."


class ArtifactsUnavailable(TransientError):
    """The place for artifacts is missing, not writable or does not answer."""

    code = "artifacts_unavailable"
    advice = "Check that POSEBATCH_ARTIFACTS_URL can be reached and written from here."


class StaleClaim(PermanentError):
    """This worker's claim has been taken over; its late write is refused."""

    code = "stale_claim"
    advice = "Nothing to do: another worker has the job."


class WorkerCrashed(TransientError):
    """The worker died, or fell silent past its lease, while it held the job."""

    code = "worker_crashed"
    advice = "After three crashes the job is discarded; try this clip alone with --debug."


class TimeLimit(PermanentError):
    """The job took longer than its wall-clock limit."""

    code = "time_limit"
    advice = "Cut the clip, or raise POSEBATCH_JOB_TIMEOUT_SECONDS."
