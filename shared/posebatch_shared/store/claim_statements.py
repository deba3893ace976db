"""The statements of a claim's life, built once: building one costs as much as running it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, exists, func, literal, null, select, true, update

from posebatch_shared.jobs import Claim, JobState
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.rows import select_jobs
from posebatch_shared.store.tables import (
    IS_AVAILABLE,
    IS_RETRYABLE,
    IS_RUNNING,
    UNDISPATCHED,
    jobs,
    runs,
    videos,
)
from posebatch_shared.store.waiting import IS_DUE, IS_OPEN

_THIS = jobs.c.job_id == bindparam("this_job")

#: The fence: a write passes only while the job runs under this claim. The owner is compared too: a
#: claim may be lost with a crashed database's last moments, and its token be given again.
FENCE = (
    _THIS,
    jobs.c.token == bindparam("this_token"),
    jobs.c.owner == bindparam("this_owner"),
    IS_RUNNING,
)

_CLAIM = (
    update(jobs)
    .where(_THIS, IS_AVAILABLE | IS_RETRYABLE, IS_DUE)
    .where(jobs.c.device.in_(bindparam("devices", expanding=True)))
    .values(
        state=literal(JobState.RUNNING.value),
        owner=bindparam("by_owner"),
        attempt=jobs.c.attempt + 1,
        token=jobs.c.token + 1,
        lease_until_ms=now_ms() + bindparam("lease_ms", type_=jobs.c.token.type),
        beat_at_ms=now_ms(),
        started_at_ms=now_ms(),
        frames_done=0,
        frames_total=null(),
    )
)
_RELAXED = func.set_config("synchronous_commit", "off", true()).label("relaxed")
_OF_THE_RUN = tuple(column for column in runs.c if column.name != "run_id")

#: A claimed job, its video and its run in one row, of one statement in Postgres, whose commit is
#: answered before it is on disk (see `Transaction.relax`) …
CLAIM_POSTGRES = (
    _CLAIM.where(runs.c.run_id == jobs.c.run_id, IS_OPEN)
    .where(videos.c.video_id == jobs.c.video_id)
    .returning(*select_jobs().selected_columns, *_OF_THE_RUN, _RELAXED)
)

#: … and of two in SQLite, whose RETURNING sees one table only.
CLAIM_SQLITE = _CLAIM.where(exists().where(runs.c.run_id == jobs.c.run_id, IS_OPEN))
CLAIMED_SQLITE = (
    select_jobs().add_columns(*_OF_THE_RUN).join(runs, runs.c.run_id == jobs.c.run_id).where(_THIS)
)

#: How many ids behind a job the one that follows it may lie.
FOLLOWING_SPAN = 2_000

#: The next job of the same run, queue and priority that no wake-up was sent for. Not the first of
#: them: on the way to that lie, in Postgres's index, all that were taken since the last vacuum. And
#: not far away: whichever index Postgres goes along, by whatever statistics, it passes few rows.
FOLLOWING = (
    select(jobs.c.job_id)
    .where(IS_AVAILABLE, UNDISPATCHED, IS_DUE)
    .where(jobs.c.run_id == bindparam("of_run"), jobs.c.device == bindparam("of_device"))
    .where(jobs.c.priority == bindparam("of_priority"), jobs.c.job_id > bindparam("after"))
    .where(jobs.c.job_id <= bindparam("after") + FOLLOWING_SPAN)
    .order_by(jobs.c.job_id)
    .limit(1)
    .with_for_update(skip_locked=True)
)

_COMPLETE = (
    update(jobs)
    .where(*FENCE)
    .values(
        state=literal(JobState.COMPLETED.value),
        finished_at_ms=now_ms(),
        error_code=null(),
        error_message=null(),
        result_id=bindparam("its_result"),
        cache_hit=bindparam("from_cache"),
        frames_done=bindparam("frames"),
    )
)
_ENDED = _COMPLETE.returning(jobs.c.video_id).cte("ended")

#: End the job and know its file's content, in one statement in Postgres …
COMPLETE_POSTGRES = (
    update(videos)
    .where(videos.c.video_id == _ENDED.c.video_id)
    .values(content_hash=bindparam("content"))
)

#: … and in two in SQLite, which has no writing WITH.
COMPLETE_SQLITE = _COMPLETE
KNOW_CONTENT_SQLITE = (
    update(videos)
    .where(videos.c.video_id == select(jobs.c.video_id).where(_THIS).scalar_subquery())
    .values(content_hash=bindparam("content"))
)

#: The result of a completion whose commit was not answered.
COMPLETED_BEFORE = select(jobs.c.result_id).where(
    *FENCE[:3], jobs.c.state == JobState.COMPLETED.value
)


def fence_of(claim: Claim) -> dict[str, Any]:
    """Values of the fence's parameters."""
    return {
        "this_job": claim.job.job_id,
        "this_token": claim.token,
        "this_owner": claim.owner,
    }
