"""Many files at once into the tables: one statement for the videos, one for the jobs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Insert,
    Integer,
    Subquery,
    Text,
    and_,
    literal,
    literal_column,
    select,
)

from posebatch_shared.jobs import JobState, VideoRef
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.json_rows import json_rows
from posebatch_shared.store.tables import jobs, videos
from posebatch_shared.store.upsert import insert_into

_FIELDS = (
    Column("place", Integer),
    Column("root", Text),
    Column("path", Text),
    Column("size_bytes", BigInteger),
    Column("mtime_ns", BigInteger),
)
# SQLite cannot parse SELECT … ON CONFLICT without a WHERE between them.
_ALWAYS = literal_column("1") == literal_column("1")
_FILE = ("root", "path", "size_bytes", "mtime_ns")


def file_rows(files: Sequence[VideoRef], *, postgres: bool) -> Subquery:
    """The files as rows inside the database, sent as one JSON text."""
    document = [
        {"place": place, **{name: getattr(file, name) for name in _FILE}}
        for place, file in enumerate(files)
    ]
    text = literal(json.dumps(document), Text)
    return json_rows(text, _FIELDS, postgres=postgres)


def same_file(rows: Subquery) -> ColumnElement[bool]:
    """A row is the file of a video that the ledger knows."""
    return and_(*(videos.c[name] == rows.c[name] for name in _FILE))


def insert_videos(rows: Subquery, *, postgres: bool) -> Insert:
    """Those that the ledger does not know yet."""
    source = select(*(rows.c[name] for name in _FILE)).where(_ALWAYS)
    insert = insert_into(videos, postgres=postgres)
    return insert.from_select(list(_FILE), source).on_conflict_do_nothing()


def insert_jobs(rows: Subquery, *, postgres: bool, **values: int | str) -> Insert:
    """One job per file that is not in the run yet, in the order of the files.

    `values`: run_id, device, priority, max_attempts. The statement's rowcount is the number new.
    """
    columns = {
        "video_id": videos.c.video_id,
        "state": literal(JobState.AVAILABLE.value),
        "available_at_ms": now_ms(),
        # Also if the number of a deleted job is given again, its fencing tokens are not.
        "token": now_ms(),
        **{name: literal(value, jobs.c[name].type) for name, value in values.items()},
    }
    source = (
        select(*columns.values())
        .select_from(rows)
        .join(videos, same_file(rows))
        .where(_ALWAYS)
        .order_by(rows.c.place)
    )
    insert = insert_into(jobs, postgres=postgres)
    statement = insert.from_select(list(columns), source).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)
