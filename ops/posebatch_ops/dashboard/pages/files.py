"""The files of a job's result: overlay video with seeking, and keypoints for download."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from nicegui import app

from posebatch_ops.dashboard.board import Board
from posebatch_shared.artifacts import open_artifact
from posebatch_shared.errors import PosebatchError

_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_TYPES = {"overlay": "video/mp4", "keypoints": "application/vnd.apache.parquet"}


def register(board: Board) -> None:
    """Serve /files/JOB/overlay and /files/JOB/keypoints."""

    @app.get("/files/{job_id}/{kind}")
    def file(job_id: int, kind: str, request: Request) -> Response:
        uri = _uri(board, job_id, kind)
        if uri is None:
            return Response("no such file", status_code=404)
        try:
            opened = open_artifact(uri, board.artifacts_url)
        except PosebatchError as error:
            return Response(str(error), status_code=404)
        return _ranged(opened, request.headers.get("range", ""), _TYPES[kind])


def _uri(board: Board, job_id: int, kind: str) -> str | None:
    """Only what the ledger names is ever opened."""
    if kind not in _TYPES:
        return None
    with board.store.unit_of_work() as uow:
        job = uow.jobs.get(job_id)
        result = uow.results.get(job.result_id) if job and job.result_id else None
    found: str | None = getattr(result.artifacts, kind) if result else None
    return found


def _ranged(file: IO[bytes], asked: str, media_type: str) -> Response:
    """All of the file, or the part that the player asked for (RFC 9110, one range)."""
    length = file.seek(0, 2)
    start, end = 0, length - 1
    found = _RANGE.match(asked)
    if found and any(found.groups()):
        first, last = found.groups()
        start = int(first) if first else max(0, length - int(last))
        end = min(int(last), length - 1) if first and last else length - 1
        if start > end:
            file.close()
            return Response(status_code=416, headers={"Content-Range": f"bytes */{length}"})
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start + 1)}
    if found:
        headers["Content-Range"] = f"bytes {start}-{end}/{length}"
    return StreamingResponse(
        _chunks(file, start, end + 1 - start),
        status_code=206 if found else 200,
        media_type=media_type,
        headers=headers,
    )


def _chunks(file: IO[bytes], start: int, size: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while size > 0 and (chunk := file.read(min(_CHUNK, size))):
            size -= len(chunk)
            yield chunk
