"""Results in SQL: one for each content and pipeline, whatever the files were called."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import Column, Insert, Text, bindparam, func, insert, or_, select, update
from sqlalchemy.sql.dml import ReturningInsert

from posebatch_shared.errors import ResultDeleted
from posebatch_shared.results import Artifacts, JobResult, StageTiming
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.json_rows import json_rows
from posebatch_shared.store.rows import to_result, to_timing
from posebatch_shared.store.tables import results, stage_timings
from posebatch_shared.store.upsert import insert_into

_TIMING = tuple(
    Column(name, stage_timings.c[name].type)
    for name in ("place", "stage", "parent", "seconds", "calls")
)


class SqlResultRepository:
    """Implements ResultRepository, and stores what `complete` commits."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, content_hash: str, pipeline_hash: str) -> tuple[int, JobResult] | None:
        """The result of this content under this pipeline, with its id."""
        row = self._transaction.execute(
            select(results).where(
                results.c.content_hash == content_hash, results.c.pipeline_hash == pipeline_hash
            )
        ).one_or_none()
        return None if row is None else (row.result_id, to_result(row))

    def of_content(self, content_hash: str) -> Sequence[JobResult]:
        """Under whatever pipelines, newest first."""
        statement = select(results).where(results.c.content_hash == content_hash)
        rows = self._transaction.execute(statement.order_by(results.c.result_id.desc()))
        return [to_result(row) for row in rows]

    def get(self, result_id: int) -> JobResult | None:
        """By id."""
        row = self._transaction.execute(
            select(results).where(results.c.result_id == result_id)
        ).one_or_none()
        return None if row is None else to_result(row)

    def timings(self, job_id: int) -> Sequence[StageTiming]:
        """Of the last attempt that reported any, in the order reported."""
        t = stage_timings.c
        last = select(func.max(t.token)).where(t.job_id == job_id).scalar_subquery()
        statement = (
            select(stage_timings).where(t.job_id == job_id, t.token == last).order_by(t.place)
        )
        return [to_timing(row) for row in self._transaction.execute(statement)]

    def known_artifacts(self, names: Sequence[str]) -> set[str]:
        """Those of `names` (CONTENT-PIPELINE-JOB-TOKEN.…) that some result names, at whatever
        address: a place may be moved, or reached another way."""
        content = results.c.content_hash
        starts = {name.partition("-")[0] for name in names}
        of_content = or_(*(content.between(start, f"{start}g") for start in starts))
        rows = self._transaction.execute(
            select(results.c.keypoints_uri, results.c.overlay_uri).where(of_content)
        )
        known = {str(uri).rpartition("/")[2] for row in rows for uri in row}
        return known.intersection(names)

    def store(self, result: JobResult, *, replace: bool, is_known: bool) -> int:
        """Id of this result, or of the one that is there already.

        `replace` (a forced run) overwrites that one; otherwise it only gains an overlay it lacks.
        Raises ResultDeleted if it took its files from a result (`is_known`) that is gone.
        """
        statement = _insert_result(self._transaction.is_postgres)
        inserted = self._transaction.execute(statement, _columns(result)).scalar_one_or_none()
        if is_known:
            self._require_files(result.artifacts, but=inserted)
        return inserted if inserted is not None else self._join(result, replace=replace)

    def _require_files(self, artifacts: Artifacts, *, but: int | None) -> None:
        """Of whoever put them. Asked once this one's row is in: from then on nobody deletes any."""
        named = (results.c.keypoints_uri, artifacts.keypoints)
        for column, uri in (named, (results.c.overlay_uri, artifacts.overlay)):
            by_others = select(column).where(
                column == uri, results.c.result_id.is_distinct_from(but)
            )
            if uri and self._transaction.execute(by_others.limit(1)).one_or_none() is None:
                raise ResultDeleted(f"{uri} went with the runs that it was of")

    def _join(self, result: JobResult, *, replace: bool) -> int:
        old, new = results.c.overlay_uri, result.artifacts.overlay
        if replace:  # without a film of its own it leaves the one that another run asked for
            changes = _columns(result) | {"overlay_uri": func.coalesce(new, old)}
        else:
            changes = {"overlay_uri": func.coalesce(old, new)}
        return int(
            self._transaction.execute(
                update(results)
                .where(
                    results.c.content_hash == result.content_hash,
                    results.c.pipeline_hash == result.pipeline_hash,
                )
                .values(**changes)
                .returning(results.c.result_id)
            ).scalar_one()
        )

    def store_timings(self, job_id: int, token: int, timings: Sequence[StageTiming]) -> None:
        """Where the time of one attempt went."""
        rows = [
            {
                "place": place,
                "stage": timing.stage,
                "parent": timing.parent,
                "seconds": timing.seconds,
                "calls": timing.calls,
            }
            for place, timing in enumerate(timings)
        ]
        if rows:
            self._transaction.execute(
                _insert_timings(self._transaction.is_postgres),
                {"this_job": job_id, "this_token": token, "rows": json.dumps(rows)},
            )


@cache
def _insert_timings(postgres: bool) -> Insert:
    rows = json_rows(bindparam("rows", type_=Text), _TIMING, postgres=postgres)
    t = stage_timings.c
    attempt = [
        bindparam("this_job", type_=t.job_id.type),
        bindparam("this_token", type_=t.token.type),
    ]
    names = ["job_id", "token", *(column.name for column in _TIMING)]
    return insert(stage_timings).from_select(names, select(*attempt, rows))


@cache
def _insert_result(postgres: bool) -> ReturningInsert[tuple[int]]:
    statement = insert_into(results, postgres=postgres).values(created_at_ms=now_ms())
    return statement.on_conflict_do_nothing().returning(results.c.result_id)


def _columns(result: JobResult) -> dict[str, Any]:
    return {
        "content_hash": result.content_hash,
        "pipeline_hash": result.pipeline_hash,
        "video_info": asdict(result.video_info),
        "tracker": asdict(result.tracker),
        "analysis": dict(result.analysis),
        "keypoints_uri": result.artifacts.keypoints,
        "overlay_uri": result.artifacts.overlay,
        "frames_tracked": result.frames_tracked,
    }
