"""The `posebatch` command as a person starts it: a process of its own, its own home."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-m", "posebatch_producer")


@dataclass(frozen=True, kw_only=True)
class Command:
    """Runs commands under one POSEBATCH_HOME."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        return {**os.environ, "POSEBATCH_HOME": str(self.home), **self.environment}

    def __call__(self, *words: object, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *map(str, words)],
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def json(self, *words: object, exit_code: int = 0) -> Any:
        done = self(*words)
        assert done.returncode == exit_code, done.stderr
        return json.loads(done.stdout)

    def start(self, *words: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*PROGRAM, *map(str, words)],
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_hears_interrupts,
        )


def _hears_interrupts() -> None:
    """As from a terminal, also where the tests run in a background that does not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def stages(job: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {timing["stage"]: timing for timing in job["timings"]}


def codes(jobs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {Path(job["video"]).name: (job["error"] or {}).get("code", "") for job in jobs}
