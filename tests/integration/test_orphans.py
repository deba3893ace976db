"""Artifacts without a result, and checkpoints that nobody came back to, are removed in time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledgers import add_run, complete, jobs_of, must_claim, result
from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.results import Artifacts
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.store import Store
from posebatch_workers.orphans import OrphanSweeper, sweep_orphans

DAYS = 86_400
#: As workers name them: content, pipeline, job, token. The ledger knows the first, below.
CONTENT = "ab" * 32
KNOWN, YOUNG, ORPHAN = (
    f"{start * 8}-{'e' * 16}-7-1.keypoints.parquet" for start in ("ab", "cd", "ef")
)


@pytest.fixture
def settings(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    return load_settings()


def put(settings: Settings, tmp_path: Path, name: str, *, days_old: float) -> str:
    (tmp_path / "file").write_bytes(b"x")
    uri = open_artifacts(settings.resolved_artifacts_url).put(tmp_path / "file", name)
    age(Path(uri.removeprefix("file://")), days_old)
    return uri


def age(path: Path, days: float) -> None:
    then = time.time() - days * DAYS
    os.utime(path, (then, then))


def left(settings: Settings) -> set[str]:
    folder = Path(settings.resolved_artifacts_url)
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_only_what_is_old_and_unknown_goes(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    kept = put(settings, tmp_path, KNOWN, days_old=30)
    put(settings, tmp_path, YOUNG, days_old=1)
    put(settings, tmp_path, ORPHAN, days_old=30)
    held = must_claim(store, jobs_of(store, add_run(store))[0].job_id)
    complete(store, held, result(CONTENT, artifacts=Artifacts(keypoints=kept)))
    checkpoint = settings.home / "checkpoints" / "content-pipeline"
    checkpoint.mkdir(parents=True)
    age(checkpoint, 30)
    assert sweep_orphans(settings) == (1, 1)
    assert left(settings) == {KNOWN, YOUNG}
    assert not checkpoint.exists()


def test_a_home_that_was_moved_keeps_its_files(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    """The ledger has them at their old addresses, which a link still leads to."""
    kept = put(settings, tmp_path, KNOWN, days_old=30)
    held = must_claim(store, jobs_of(store, add_run(store))[0].job_id)
    complete(store, held, result(CONTENT, artifacts=Artifacts(keypoints=kept)))
    settings.home.rename(tmp_path / "moved")
    settings.home.symlink_to(tmp_path / "moved")
    assert sweep_orphans(settings) == (0, 0)
    assert left(settings) == {KNOWN}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_worker_sweeps_in_a_process_of_its_own(settings: Settings, tmp_path: Path) -> None:
    put(settings, tmp_path, ORPHAN, days_old=30)
    sweeper = OrphanSweeper(every_seconds=0)
    sweeper.tick()
    deadline = time.monotonic() + 60
    while left(settings):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
    sweeper.close()


def test_one_sweep_at_a_time_and_only_when_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    class Sweep:
        def __init__(self, _: object) -> None:
            self.ended = False
            started.append(self)

        def poll(self) -> int | None:
            return 0 if self.ended else None

        def terminate(self) -> None:
            self.ended = True

        def wait(self) -> None:
            assert self.ended

    monkeypatch.setattr(subprocess, "Popen", Sweep)
    OrphanSweeper(every_seconds=1e9).tick()
    assert started == []
    sweeper = OrphanSweeper(every_seconds=0)
    sweeper.tick()
    sweeper.tick()
    assert len(started) == 1
    started[0].ended = True
    sweeper.tick()
    sweeper.close()
    assert [sweep.ended for sweep in started] == [True, True]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_place_that_is_not_there_is_named(settings: Settings) -> None:
    words = [sys.executable, "-m", "posebatch_workers", "sweep"]
    environment = {**os.environ, "POSEBATCH_STORE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    put_here = Path(settings.resolved_artifacts_url) / "ab"
    put_here.mkdir(parents=True)
    (put_here / ORPHAN).touch()
    age(put_here / ORPHAN, 30)
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "the ledger does not answer" in done.stderr
    assert left(settings) == {ORPHAN}
