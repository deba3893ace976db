"""A decoder's threads follow the cores that are idle when its clip is opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from posebatch_workers.video.threads import fitting_threads


@pytest.mark.parametrize(
    ("cores", "running", "threads"),
    [(1, 1, 1), (2, 1, 1), (2, 9, 1), (4, 1, 3), (8, 1, 4), (8, 5, 3), (8, 8, 1), (8, 30, 1)],
)
def test_one_thread_per_idle_core_but_one(
    cores: int, running: int, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = tmp_path / "loadavg"
    load.write_text(f"0.20 0.18 0.12 {running}/80 11206\n")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    assert fitting_threads(load) == threads


def test_one_where_the_system_does_not_tell(tmp_path: Path) -> None:
    assert fitting_threads(tmp_path / "none") == 1
