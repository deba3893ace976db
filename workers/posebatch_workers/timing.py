"""Where the time of one job goes: a tree of stages that adds up."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from posebatch_shared.results import StageTiming

ROOT = "job"


@dataclass(slots=True)
class _Spent:
    parent: str | None
    seconds: float = 0.0
    calls: int = 0


class StageTimer:
    """Accumulates nested stages; the outermost is `job`, started on construction.

    A stage's parent is the stage open around it in the same thread, so one name has one place.
    """

    def __init__(self) -> None:
        self._started = perf_counter()
        self._spent: dict[str, _Spent] = {}
        self._open = threading.local()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as `name`, under the stage that is open around it."""
        parent = getattr(self._open, "name", ROOT)
        self._open.name = name
        started = perf_counter()
        try:
            yield
        finally:
            self._open.name = parent
            self.add(name, perf_counter() - started, parent=parent)

    def add(self, name: str, seconds: float, *, calls: int = 1, parent: str | None = ROOT) -> None:
        """Book time measured elsewhere; parent None for what ran beside or before the job."""
        spent = self._spent.setdefault(name, _Spent(parent))
        spent.seconds += seconds
        spent.calls += calls

    def extend(self, timings: Iterable[StageTiming]) -> None:
        """Book stages that another process measured."""
        for timing in timings:
            self.add(timing.stage, timing.seconds, calls=timing.calls, parent=timing.parent)

    def timings(self) -> tuple[StageTiming, ...]:
        """The tree so far, root first; what no child accounts for is the stage `rest`."""
        total = perf_counter() - self._started
        rows = [
            StageTiming(stage=name, parent=s.parent, seconds=s.seconds, calls=s.calls)
            for name, s in self._spent.items()
        ]
        booked = sum(row.seconds for row in rows if row.parent == ROOT)
        rest = StageTiming(stage="rest", parent=ROOT, seconds=max(0.0, total - booked), calls=1)
        return (StageTiming(stage=ROOT, parent=None, seconds=total, calls=1), *rows, rest)
