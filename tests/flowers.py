"""A running Flower, and how a test asks it."""

from __future__ import annotations

import base64
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from servers import free_port, running

KNOWN = base64.b64encode(b"coach:se,cret").decode()
STRANGER = base64.b64encode(b"coach:guess").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flower:
    """A running Flower and what it wrote."""

    url: str
    log: Path

    def ask(self, path: str, *, user: str | None = KNOWN, method: str = "GET") -> bytes:
        headers = {"Authorization": f"Basic {user}"} if user else {}
        request = urllib.request.Request(f"{self.url}{path}", headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return bytes(answer.read())

    def refusal(self, path: str, **arguments: Any) -> int:
        with pytest.raises(urllib.error.HTTPError) as refused:
            self.ask(path, **arguments)
        return refused.value.code

    def read(self, path: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.ask(path))
        return found


def start_flower(
    stack: ExitStack, folder: Path, broker_url: str, *words: str, **environment: str
) -> Flower:
    port = free_port()
    flower = Flower(url=f"http://127.0.0.1:{port}", log=folder / "flower.log")
    stack.enter_context(
        running(
            [sys.executable, "-m", "posebatch_ops", "flower", "--port", str(port), *words],
            log=flower.log,
            ready=f"{flower.url}/healthcheck",
            environment={
                "POSEBATCH_BROKER_URL": broker_url,
                "POSEBATCH_FLOWER_USER": "coach",
                "FLOWER_BASIC_AUTH": "anyone:anything",
                "FLOWER_UNAUTHENTICATED_API": "true",
                **environment,
            },
        )
    )
    return flower
