"""What can be wrong with ledger, broker, artifacts, workers and claims."""

from __future__ import annotations

from posebatch_shared.errors.base import PermanentError, TransientError


class StoreUnavailable(TransientError):
    """The ledger's database does not answer or refuses to write."""

    code = "store_unavailable"
    advice = "Check POSEBATCH_STORE_URL and that the database is up and writable."


class StoreBusy(StoreUnavailable):
    """Somebody's long transaction holds a lock in the ledger's database."""

    code = "store_busy"
    advice = "Wait until it is over, or end it (pg_stat_activity tells); then give it again."


class BrokerUnavailable(TransientError):
    """Redis does not answer."""

    code = "broker_unavailable"
    advice = "Check POSEBATCH_BROKER_URL and that Redis is up; waiting jobs are kept in the ledger."


class DiskFull(TransientError):
    """No room for an artifact, or for a file on the way to it."""

    code = "disk_full"
    advice = "Free some space; the workers wait for it, and then go on by themselves."


class RootUnavailable(TransientError):
    """The folder or bucket that a root stands for is gone, empty or does not answer."""

    code = "root_unavailable"
    advice = (
        "Mount it again, or correct POSEBATCH_ROOTS; the workers wait for it, and no attempt is "
        "used up."
    )


class ArtifactsUnavailable(TransientError):
    """The place for artifacts is missing, not writable or does not answer."""

    code = "artifacts_unavailable"
    advice = "Check that POSEBATCH_ARTIFACTS_URL can be reached and written from here."


class ArtifactLost(ArtifactsUnavailable):
    """One file of a result is gone or damaged; the others may well be there."""

    code = "artifact_lost"
    advice = (
        "Bring it back from a backup, or have the video tracked again with --force; if all are "
        "lost, check POSEBATCH_ARTIFACTS_URL."
    )


class StaleClaim(PermanentError):
    """This worker's claim has been taken over; its late write is refused."""

    code = "stale_claim"
    advice = "Nothing to do: another worker has the job."


class ResultDeleted(TransientError):
    """The known result that a job was about to take over has just been deleted."""

    code = "result_deleted"
    advice = "Nothing to do: the video is tracked."


class WorkerCrashed(TransientError):
    """The worker died, or fell silent past its lease, while it held the job."""

    code = "worker_crashed"
    advice = (
        "After three crashes the job is discarded; try the clip alone with `posebatch run`, whose "
        "workers write to logs under POSEBATCH_HOME."
    )


class NoWorkers(TransientError):
    """All workers of a run on this machine have ended before its work has."""

    code = "no_workers"
    advice = "Correct what the message says; the same command then carries on."


class TimeLimit(PermanentError):
    """The job took longer than its wall-clock limit."""

    code = "time_limit"
    advice = "Cut the clip, or raise POSEBATCH_JOB_TIMEOUT_SECONDS."
