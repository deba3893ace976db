"""Ctrl-C leaves nothing behind, and the same command carries on where it stopped."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from command import Command
from posebatch_shared.jobs import JobState
from posebatch_shared.store import Store, open_store
from servers import wait_until

#: Two at a time, so that most of them still wait once the first is done.
CLIPS = 6


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Store]:
    """The one of the command's home, before the command has made it."""
    (tmp_path / "home").mkdir()
    store = open_store(f"sqlite:///{tmp_path}/home/ledger.sqlite")
    store.migrate()
    yield store
    store.close()


def completed(ledger: Store) -> int:
    with ledger.unit_of_work() as uow:
        return uow.jobs.counts().get(JobState.COMPLETED, 0)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files, with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="pb-") as folder:
        yield Path(folder)


def test_interrupt_and_carry_on(
    clips: Path, tmp_path: Path, temporary: Path, ledger: Store
) -> None:
    environment = {"TMPDIR": str(temporary), "POSEBATCH_CONCURRENCY": "2"}
    command = Command(home=tmp_path / "home", environment=environment)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(CLIPS):
        whole = (clips / "cmj_25.mp4").read_bytes()
        (folder / f"{number}.mp4").write_bytes(whole + bytes([number]) * 16)  # content differs
    process = command.start("run", folder)
    wait_until(lambda: completed(ledger))
    others = descendants(process.pid)
    assert list(temporary.glob("posebatch-redis-*"))
    assert others
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    wait_until(lambda: not any(p.is_running() for p in others))
    assert list(temporary.glob("posebatch-*")) == []

    before = command.json("results", "--format", "json")
    assert before["run"]["completed"] < CLIPS
    (other,) = command.json("run", clips / "cmj_40.mp4", "--json")["jobs"]
    assert other["state"] == "completed"
    then = command.json("results", before["run"]["run_id"], "--format", "json")
    assert then["run"]["completed"] == before["run"]["completed"], "another run left it alone"
    after = command.json("run", folder, "--json")
    assert after["run"]["run_id"] == before["run"]["run_id"]
    assert after["run"]["completed"] == CLIPS
    finished = {job["job_id"]: job for job in before["jobs"] if job["state"] == "completed"}
    kept = {job["job_id"]: job for job in after["jobs"] if job["job_id"] in finished}
    assert kept == finished
    shutil.rmtree(folder)


def test_samples_end_without_a_word_of_the_processes_that_draw(tmp_path: Path) -> None:
    process = Command(home=tmp_path / "home").start("samples", tmp_path / "clips", "--all")

    def drawer_starts() -> bool:
        return any("spawn_main" in " ".join(c.cmdline()) for c in descendants(process.pid))

    wait_until(drawer_starts)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
