"""How long a job waits before its next attempt."""

from __future__ import annotations

import random

FIRST_SECONDS = 2.0
LONGEST_SECONDS = 300.0
#: Where the fault is not the job's: as long as the worker that met it pauses.
OUTAGE_SECONDS = 20.0


def backoff_seconds(attempt: int) -> float:
    """Doubles with each attempt up to LONGEST_SECONDS; the jitter of ±50 % parts jobs that failed
    together, so that they do not come back together."""
    steady = min(FIRST_SECONDS * 2.0 ** (attempt - 1), LONGEST_SECONDS)
    return steady * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
