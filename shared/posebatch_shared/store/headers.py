"""What the files of a run say of themselves: which to look into, and what was found."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from posebatch_shared.jobs import JobState, VideoHeader, VideoRef
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.rows import VIDEO_COLUMNS, to_video
from posebatch_shared.store.spans import NEWEST_FIRST, OLDEST_FIRST, span
from posebatch_shared.store.tables import headers, jobs, videos
from posebatch_shared.store.upsert import insert_into


class Headers:
    """Reads and writes of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def unread(self, run_id: int, *, limit: int) -> Sequence[tuple[int, VideoRef]]:
        """Job ids and files spread over what waits in the run, all of it if it is not more than
        `limit`; without those looked into before."""
        statement = (
            select(jobs.c.job_id, *VIDEO_COLUMNS)
            .join(videos, videos.c.video_id == jobs.c.video_id)
            .join(headers, headers.c.job_id == jobs.c.job_id, isouter=True)
            .where(jobs.c.job_id.in_(self._spread(run_id, limit)), headers.c.job_id.is_(None))
            .where(jobs.c.run_id == run_id, jobs.c.state == JobState.AVAILABLE.value)
        )
        return [(row.job_id, to_video(row)) for row in self._transaction.execute(statement)]

    def note(self, found: Mapping[int, VideoHeader | None]) -> None:
        """Write down what these jobs' files say, None where they do not. Jobs that are gone by now
        are passed over."""
        self._transaction.begin_write()
        asked = select(jobs.c.job_id).where(jobs.c.job_id.in_(found.keys()))
        locked = asked.with_for_update(read=True, key_share=True)
        there = set(self._transaction.execute(locked).scalars())
        rows = [
            {
                "job_id": job_id,
                "frames": header.frames if header else None,
                "pixels": header.pixels if header else None,
            }
            for job_id, header in found.items()
            if job_id in there
        ]
        if rows:
            statement = insert_into(headers, postgres=self._transaction.is_postgres)
            # Somebody else may be looking into the same run.
            self._transaction.execute(statement.on_conflict_do_nothing(), rows)

    def _spread(self, run_id: int, limit: int) -> Sequence[int]:
        """One id at random from each of `limit` equal stretches."""
        here = span(run_id, JobState.AVAILABLE)
        ends = [
            self._transaction.execute(
                select(jobs.c.job_id).where(here).order_by(*order).limit(1)
            ).scalar_one_or_none()
            for order in (OLDEST_FIRST, NEWEST_FIRST)
        ]
        first, last = ends
        if first is None or last is None:
            return []
        length = last - first + 1
        if length <= limit:
            return range(first, last + 1)
        rng = random.Random(run_id)  # noqa: S311 - a sample, not a secret
        return [first + int((place + rng.random()) * length / limit) for place in range(limit)]
