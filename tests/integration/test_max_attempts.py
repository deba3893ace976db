"""POSEBATCH_MAX_ATTEMPTS of whoever submits says how often the jobs are tried."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledgers import fail, must_claim
from posebatch_producer import local_run, remote_run, work_off
from posebatch_producer.service import LocalWorkers
from posebatch_shared.errors import DecoderCrashed
from posebatch_shared.jobs import JobState, TrackOptions
from posebatch_shared.settings import load_settings
from posebatch_shared.store import open_store


def submit(folder: Path) -> None:
    remote_run.submit_here(
        [str(folder)], TrackOptions(), name="night", device="any", priority=0, force=False
    )


def run(folder: Path) -> None:
    local_run.run_here(
        [str(folder)],
        TrackOptions(),
        name="night",
        force=False,
        settings=load_settings(broker_url=""),
    )


@contextmanager
def no_workers(*_: object) -> Iterator[LocalWorkers]:
    yield LocalWorkers(processes=(), log=Path(os.devnull))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where no worker takes the jobs: the broker is not there, and `run` starts none."""
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSEBATCH_BROKER_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setattr(local_run, "local_workers", no_workers)
    monkeypatch.setattr(work_off, "follow", lambda *_, **__: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return tmp_path / "home"


@pytest.mark.parametrize("enter", [submit, run])
def test_a_job_is_tried_as_often_as_the_setting_says(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enter: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("POSEBATCH_MAX_ATTEMPTS", "2")
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "clip.mp4").write_bytes(b"not yet looked into")
    enter(tmp_path / "archive")
    store = open_store(f"sqlite:///{home}/ledger.sqlite")
    monkeypatch.setattr("posebatch_shared.store.job_ends.backoff_seconds", lambda _: 0)
    ends = [fail(store, must_claim(store, 1), DecoderCrashed("again")) for _ in range(2)]
    store.close()
    assert [job.state for job in ends] == [JobState.RETRYABLE, JobState.DISCARDED]
