"""How the jobs of one run and state are walked in order of id without a look at any other job.

Said with equal signs, Postgres walks the primary key instead, past every job of another state, as
soon as it underestimates how many of those there are.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, tuple_

from posebatch_shared.jobs import JobState
from posebatch_shared.store.tables import jobs
from posebatch_shared.store.typed import LAST_ID

_COLUMNS = (jobs.c.run_id, jobs.c.state, jobs.c.job_id)

#: Orders of a walk; both are those of the index `ix_jobs_run_state`.
OLDEST_FIRST = _COLUMNS
NEWEST_FIRST = tuple(column.desc() for column in _COLUMNS)


def span(run_id: int, state: JobState, *, after: int = 0) -> ColumnElement[bool]:
    """Jobs of this run and state with larger ids than `after`."""
    key: Any = tuple_(*_COLUMNS)
    last = (run_id, state.value, LAST_ID)
    return and_(key > (run_id, state.value, after), key <= last)
