"""A whole service for tests: real Redis, a real ledger, real worker processes that are replaced."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import psutil

from chaos.clips import reference
from chaos.processes import kill_tree, wait_until
from chaos.redis_server import RedisServer
from chaos.worker import start_worker
from posebatch_shared.jobs import TERMINAL, Job, JobState, Run, TrackOptions
from posebatch_shared.store import Store, open_store

PREFIX = "posebatch:"


class Service:
    """Two supervised workers, a Redis and a ledger over a folder of clips."""

    def __init__(
        self,
        folder: Path,
        store_url: str,
        *,
        seconds_per_clip: float = 0.2,
        lease_seconds: float = 3.0,
        waits: float = 0.125,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.folder, self.store_url = folder, store_url
        self.clips, self.control = folder / "clips", folder / "control"
        self.artifacts, self.home = folder / "artifacts", folder / "home"
        for made in (self.clips, self.control, self.home):
            made.mkdir(parents=True)
        self.redis = RedisServer(folder)
        self.store: Store = open_store(store_url)
        self.store.migrate()
        self._settings = settings
        self.seconds_per_clip, self.lease_seconds = seconds_per_clip, lease_seconds
        self.waits = waits
        self.workers: dict[int, BaseProcess] = {}
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
        for pid in self.pids():
            kill_tree(pid)
        for worker in self.workers.values():
            worker.join()
        self.store.close()
        self.redis.kill()

    def start_worker(self, number: int) -> None:
        """One worker process with one child; its log is worker-N.log."""
        environment = {
            "POSEBATCH_HOME": str(self.home),
            "POSEBATCH_STORE_URL": self.store_url,
            "POSEBATCH_BROKER_URL": self.redis.url,
            "POSEBATCH_ARTIFACTS_URL": str(self.artifacts),
            "POSEBATCH_ROOTS": f"clips={self.clips}",
            "POSEBATCH_CONCURRENCY": "1",
            "POSEBATCH_LEASE_SECONDS": str(self.lease_seconds),
            "POSEBATCH_BEAT_SECONDS": str(self.lease_seconds / 6),
            "POSEBATCH_SWEEP_SECONDS": str(self.lease_seconds / 6),
            "POSEBATCH_GRACE_SECONDS": "2",
            "POSEBATCH_CHAOS": str(self.control),
            "POSEBATCH_CHAOS_WAITS": str(self.waits),
            "POSEBATCH_CHAOS_SECONDS": str(self.seconds_per_clip),
            "POSEBATCH_CHAOS_CLOCK": "7200" if self.wrong_clock == number else "0",
            **self._settings,
        }
        self.workers[number] = start_worker(environment, self.folder / f"worker-{number}.log")

    def _supervise(self) -> None:
        while not self._stop.wait(0.1):
            for number, worker in list(self.workers.items()):
                if not worker.is_alive() and not self._stop.is_set():
                    self.start_worker(number)

    def pid(self, number: int) -> int:
        """Of a worker's main process."""
        return int(self.workers[number].pid or 0)

    def pids(self) -> Sequence[int]:
        """Of all of them."""
        return [self.pid(number) for number in self.workers]

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
            children = psutil.Process(self.pid(number)).children()
        except psutil.NoSuchProcess:
            return []
        return [child.pid for child in children]

    def signal(self, number: int, name: signal.Signals) -> None:
        """Send a signal to a worker's main process, or to the one that replaces it."""
        wait_until(lambda: self.workers[number].is_alive(), 10)
        os.kill(self.pid(number), name)

    def switch(self, fault: str, on: bool) -> None:
        """Turn one of the stand-in's faults on or off."""
        path = self.control / fault
        path.touch() if on else path.unlink(missing_ok=True)

    def _story(self, run: Run) -> str:
        open_jobs = [job for job in self.jobs(run) if job.state not in TERMINAL]
        logs = [path.read_text()[-3000:] for path in self.folder.glob("worker-*.log")]
        return "\n".join([f"not drained: {open_jobs[:5]}", *logs])
