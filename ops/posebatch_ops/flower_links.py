"""How a task's page in Flower leads to its job in the dashboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

from posebatch_shared.messages import TRACK_VIDEO


def job_page(dashboard_url: str, job_id: str) -> str:
    """Address of a job's page."""
    return f"{dashboard_url.rstrip('/')}/jobs/{job_id}"


def task_formatter(dashboard_url: str) -> Callable[[Any], Any]:
    """Flower's `format_task`: shows the job's page where it would show a task's arguments."""

    def format_task(task: Any) -> Any:
        if task.name == TRACK_VIDEO and task.args:
            task.args = job_page(dashboard_url, str(task.args).strip("()[], "))
        return task

    return format_task


def job_links(dashboard_url: str) -> Callable[[HTTPServerRequest], OutputTransform]:
    """Makes those addresses links, which Flower's own escaping leaves as text."""
    return partial(_Links, pattern=re.compile(re.escape(job_page(dashboard_url, "")) + r"\d+"))


class _Links(OutputTransform):
    def __init__(self, request: HTTPServerRequest, *, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        if finishing and headers.get("Content-Type", "").startswith("text/html"):
            chunk = self._pattern.sub(r'<a href="\g<0>">\g<0></a>', chunk.decode()).encode()
            headers["Content-Length"] = str(len(chunk))
        return status_code, headers, chunk
