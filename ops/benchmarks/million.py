"""Does a claim stay as fast, and Redis as small, in a run of a million jobs?

uv run python ops/benchmarks/million.py [--jobs 1000000] [--sample 10000] [--every-job]

Simulated workers take wake-ups from a real Redis, claim as real ones do and complete; a real keeper
rings. The jobs between the first and the last sample are completed by one UPDATE, after which
nothing is vacuumed or analysed by hand, unless --every-job is given.
"""

from __future__ import annotations

import argparse
import base64
import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bare_celery import QUEUE, redis_server
from redis import Redis
from sqlalchemy import create_engine, text

from ledgers import ledger_url, milliseconds, opened, result, save, video
from posebatch_shared.jobs import Claim, JobState, Run, TrackOptions
from posebatch_shared.queue import Doorbell, create_celery
from posebatch_shared.settings import Settings
from posebatch_shared.store import Store
from posebatch_workers.claims import Claims
from posebatch_workers.keeper import Keeper

PREFIX = "million:"
WORKERS = 4


def main() -> None:
    """Claim times at both ends of the run, and what Redis held meanwhile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=10_000)
    parser.add_argument("--every-job", action="store_true")
    parser.add_argument("--store", choices=("postgres", "sqlite"), default="postgres")
    arguments = parser.parse_args()
    with ledger_url(arguments.store) as url, redis_server() as broker, opened(url) as store:
        name = f"million-{arguments.store}" + ("-every-job" if arguments.every_job else "")
        save(name, measure(url, store, broker, arguments))


def measure(url: str, store: Store, broker: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Fill the table, then work at its start and at its end."""
    started = time.perf_counter()
    run = submit(store, arguments.jobs)
    filled = time.perf_counter() - started
    fleet = Fleet(store, broker)
    first = fleet.work(arguments.sample)
    middle: list[float] = []
    if arguments.every_job:
        middle = fleet.work(arguments.jobs - len(first) - arguments.sample)
    else:
        complete_by_hand(url, run, arguments.jobs - len(first) - arguments.sample)
    last = fleet.work(with_state(store, run, JobState.AVAILABLE))
    start, end = milliseconds(first), milliseconds(last)
    report = {
        "jobs": arguments.jobs,
        "jobs_claimed": len(first) + len(middle) + len(last),
        "jobs_completed": with_state(store, run, JobState.COMPLETED),
        "jobs_per_second_at_submit": round(arguments.jobs / filled),
        "claims_at_the_start": start,
        "claims_between": [milliseconds(tenth) for tenth in tenths(middle)],
        "claims_at_the_end": end,
        "p99_end_over_start": round(end["p99_ms"] / start["p99_ms"], 2),
        "redis_peak_mb": round(fleet.redis_peak_bytes / 2**20, 1),
        "messages_peak": fleet.messages_peak,
        "seconds": round(time.perf_counter() - started),
    }
    fleet.close()
    return report


def with_state(store: Store, run: Run, state: JobState) -> int:
    """How many of the run's jobs are in it."""
    with store.unit_of_work() as uow:
        return uow.jobs.counts(run.run_id).get(state, 0)


def tenths(claims: Sequence[float]) -> Iterator[Sequence[float]]:
    """The claims in order of time, in ten parts; none if there are none."""
    step = -(-len(claims) // 10)
    for start in range(0, len(claims), step or 1):
        yield claims[start : start + step]


def submit(store: Store, jobs: int) -> Run:
    """A run, in transactions of 2,000 as the command makes them."""
    with store.unit_of_work() as uow:
        run = uow.runs.add(name="million", options=TrackOptions())
        uow.commit()
    for first in range(0, jobs, 2000):
        with store.unit_of_work() as uow:
            uow.jobs.add_many(run, (video(n) for n in range(first, min(first + 2000, jobs))))
            uow.commit()
    return run


def complete_by_hand(url: str, run: Run, number: int) -> None:
    """As if workers had done so many of the most urgent jobs."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    chosen = (
        "SELECT job_id FROM jobs WHERE run_id = :run AND state = 'available' "
        "ORDER BY job_id LIMIT :number"
    )
    with engine.begin() as connection:
        connection.execute(
            text(f"UPDATE jobs SET state = 'completed', attempt = 1 WHERE job_id IN ({chosen})"),
            {"run": run.run_id, "number": number},
        )
    engine.dispose()


class Fleet:
    """Simulated workers and one keeper on a real Redis."""

    def __init__(self, store: Store, broker: str) -> None:
        self._store = store
        self._redis = Redis.from_url(broker)
        self._bell = Doorbell(
            create_celery(broker, key_prefix=PREFIX), broker_url=broker, key_prefix=PREFIX
        )
        self._settings = Settings()
        self._keeper = Keeper(
            store, self._bell, window=self._settings.dispatch_window, sweep_seconds=0.2
        )
        self.redis_peak_bytes = self.messages_peak = 0

    def work(self, jobs: int) -> list[float]:
        """Claim and complete so many; seconds of each claim."""
        claims: list[float] = []
        stop = threading.Event()
        keeper = threading.Thread(target=self._keeper.run, args=(stop,))
        workers = [
            threading.Thread(target=self._work, args=(n, claims, jobs)) for n in range(WORKERS)
        ]
        for thread in (keeper, *workers):
            thread.start()
        for worker in workers:
            while worker.is_alive():
                self._watch_redis()
                worker.join(0.5)
        stop.set()
        keeper.join()
        return claims

    def _work(self, number: int, claims: list[float], jobs: int) -> None:
        taking = Claims(
            store=self._store,
            owner=f"cpu@sim:{number}:1",
            devices=(QUEUE,),
            lease_seconds=60,
            message_seconds=self._settings.message_seconds,
            stop_file=Path("/nonexistent"),
        )
        while len(claims) < jobs:
            popped = self._redis.brpop(f"{PREFIX}{QUEUE}", timeout=1)
            if popped is not None:
                (job_id,) = self._arguments(popped[1])
                self._work_off(taking.of_message(job_id), claims, jobs)

    def _work_off(self, taken: Iterator[Claim], claims: list[float], jobs: int) -> None:
        """One wake-up's jobs, as many as are asked for."""
        started = time.perf_counter()
        for claim in taken:
            claims.append(time.perf_counter() - started)
            with self._store.unit_of_work() as uow:
                uow.jobs.complete(claim, result(claim.job.job_id))
                uow.commit()
            if len(claims) >= jobs:
                return
            started = time.perf_counter()

    @staticmethod
    def _arguments(message: bytes) -> list[int]:
        envelope = json.loads(message)
        arguments: list[int] = json.loads(base64.b64decode(envelope["body"]))[0]
        return arguments

    def _watch_redis(self) -> None:
        used = self._redis.info("memory")["used_memory"]
        self.redis_peak_bytes = max(self.redis_peak_bytes, used)
        self.messages_peak = max(self.messages_peak, self._bell.depth(QUEUE))

    def close(self) -> None:
        """Drop the connections."""
        self._bell.close()
        self._redis.close()


if __name__ == "__main__":
    main()
