"""A whole service for tests: real Redis, a real ledger, real worker processes that are replaced."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from redis import Redis
from redis.exceptions import RedisError

from chaos.clips import reference
from posebatch_shared.jobs import TERMINAL, Job, JobState, Run, TrackOptions
from posebatch_shared.store import Store, open_store

PREFIX = "posebatch:"
LEASE_SECONDS = 3.0
TESTS = Path(__file__).parents[1]


class RedisServer:
    """A redis-server of our own on a unix socket, with an append-only file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "redis.sock"
        self.url = f"unix://{self._socket}"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        assert program, "no redis-server on the PATH"
        words = ["--port", "0", "--unixsocket", str(self._socket), "--dir", str(self._folder)]
        words += ["--appendonly", "yes", "--save", "", "--loglevel", "warning"]
        self._process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)
        wait_until(self._answers, 15)

    def client(self) -> Redis:
        """A plain connection."""
        return Redis.from_url(self.url, socket_timeout=5)

    def kill(self) -> None:
        """No goodbye."""
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Lose the file as well."""
        shutil.rmtree(self._folder / "appendonlydir", ignore_errors=True)

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except RedisError:
            return False


class Service:
    """Two supervised workers, a Redis and a ledger over a folder of clips."""

    def __init__(self, folder: Path, store_url: str, *, seconds_per_clip: float = 0.2) -> None:
        self.folder, self.store_url = folder, store_url
        self.clips, self.control = folder / "clips", folder / "control"
        self.artifacts, self.home = folder / "artifacts", folder / "home"
        for made in (self.clips, self.control, self.home):
            made.mkdir(parents=True)
        self.redis = RedisServer(folder)
        self.store: Store = open_store(store_url)
        self.store.migrate()
        self._seconds_per_clip = seconds_per_clip
        self.workers: dict[int, subprocess.Popen[bytes]] = {}
        self.started = 0
        self.wrong_clock: int | None = None
        self._stop = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    def __enter__(self) -> Self:
        for number in range(2):
            self.start_worker(number)
        self._supervisor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._supervisor.join()
        for worker in self.workers.values():
            kill_tree(worker.pid)
            worker.wait()
        self.store.close()
        self.redis.kill()

    def start_worker(self, number: int) -> None:
        """One worker process with one child; its log is worker-N.log."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(TESTS),
            "POSEBATCH_HOME": str(self.home),
            "POSEBATCH_STORE_URL": self.store_url,
            "POSEBATCH_BROKER_URL": self.redis.url,
            "POSEBATCH_ARTIFACTS_URL": str(self.artifacts),
            "POSEBATCH_ROOTS": f"clips={self.clips}",
            "POSEBATCH_CONCURRENCY": "1",
            "POSEBATCH_LEASE_SECONDS": str(LEASE_SECONDS),
            "POSEBATCH_BEAT_SECONDS": "0.5",
            "POSEBATCH_SWEEP_SECONDS": "0.5",
            "POSEBATCH_GRACE_SECONDS": "2",
            "POSEBATCH_CHAOS": str(self.control),
            "POSEBATCH_CHAOS_SECONDS": str(self._seconds_per_clip),
            "POSEBATCH_CHAOS_CLOCK": "7200" if self.wrong_clock == number else "0",
            "OMP_NUM_THREADS": "1",
        }
        with (self.folder / f"worker-{number}.log").open("ab") as log:
            self.workers[number] = subprocess.Popen(
                [sys.executable, "-m", "chaos.stand_in", "worker", "--device", "cpu"],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started += 1

    def _supervise(self) -> None:
        while not self._stop.wait(0.2):
            for number, worker in list(self.workers.items()):
                if worker.poll() is not None and not self._stop.is_set():
                    self.start_worker(number)

    def submit(self, paths: Sequence[Path], *, name: str = "chaos", overlay: bool = False) -> Run:
        """A run over these clips; keepers ring for it."""
        options = TrackOptions(kind="pose", overlay=overlay)
        with self.store.unit_of_work() as uow:
            run = uow.runs.add(name=name, options=options)
            videos = [reference(path, self.clips) for path in paths]
            uow.jobs.add_many(run, videos, device="cpu")
            uow.commit()
        return run

    def jobs(self, run: Run) -> Sequence[Job]:
        """All jobs of a run."""
        with self.store.unit_of_work() as uow:
            return uow.jobs.list(run.run_id, limit=100_000)

    def running(self) -> Sequence[Job]:
        """Jobs under a lease now."""
        with self.store.unit_of_work() as uow:
            return uow.jobs.list(states=[JobState.RUNNING])

    def wait_for_a_running_job(self, run: Run, seconds: float = 60) -> Job | None:
        """A job of the run under a lease; None if all of them have ended."""
        found: list[Job] = []

        def look() -> bool:
            found[:] = [job for job in self.running() if job.run_id == run.run_id]
            return bool(found) or self.is_drained(run)

        wait_until(look, seconds)
        return found[0] if found else None

    def is_drained(self, run: Run) -> bool:
        """Whether every job has come to an end."""
        with self.store.unit_of_work() as uow:
            counts = uow.jobs.counts(run.run_id)
        return all(state in TERMINAL for state in counts)

    def drain(self, run: Run, seconds: float = 120) -> Sequence[Job]:
        """Wait for that, and hand over the jobs."""
        wait_until(lambda: self.is_drained(run), seconds, lambda: self._story(run))
        return self.jobs(run)

    def child_of(self, number: int) -> int:
        """Pid of the process in a worker's pool."""
        wait_until(lambda: bool(self.pool_of(number)), 30)
        return self.pool_of(number)[0]

    def pool_of(self, number: int) -> list[int]:
        """Pids of the processes in a worker's pool."""
        try:
            children = psutil.Process(self.workers[number].pid).children()
        except psutil.NoSuchProcess:
            return []
        return [child.pid for child in children]

    def signal(self, number: int, name: signal.Signals) -> None:
        """Send a signal to a worker's main process."""
        self.workers[number].send_signal(name)

    def switch(self, fault: str, on: bool) -> None:
        """Turn one of the stand-in's faults on or off."""
        path = self.control / fault
        path.touch() if on else path.unlink(missing_ok=True)

    def _story(self, run: Run) -> str:
        open_jobs = [job for job in self.jobs(run) if job.state not in TERMINAL]
        logs = [path.read_text()[-3000:] for path in self.folder.glob("worker-*.log")]
        return "\n".join([f"not drained: {open_jobs[:5]}", *logs])


def kill_tree(pid: int) -> None:
    """End a process and all that it started."""
    try:
        family = [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue


def wait_until(
    condition: Callable[[], bool], seconds: float, story: Callable[[], str] = lambda: ""
) -> None:
    """Poll until it holds; raises with `story` if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain. {story()}")
        time.sleep(0.05)
