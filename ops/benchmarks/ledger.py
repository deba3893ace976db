"""What the ledger costs per job, and per second beside bare Celery on the same Redis.

uv run python ops/benchmarks/ledger.py [--jobs 2000]
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from bare_celery import PREFIX, QUEUE, redis_server, workers
from redis import Redis

from ledgers import ledger_url, milliseconds, opened, result, save, video
from posebatch_shared.jobs import JobState, TrackOptions
from posebatch_shared.queue import Doorbell, create_celery
from posebatch_shared.settings import Settings
from posebatch_shared.store import Store
from posebatch_workers.keeper import Keeper

ROUNDS = 7


def main() -> None:
    """Overhead and throughput on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000)
    jobs = parser.parse_args().jobs
    save("ledger", {kind: measure(kind, jobs) for kind in ("postgres", "sqlite")})


def measure(kind: str, jobs: int) -> dict[str, Any]:
    """Both figures for one database."""
    with ledger_url(kind) as url:
        with opened(url) as store:
            latencies = overhead(store, jobs)
        with redis_server() as broker, workers(broker, url) as send, opened(url) as store:
            rounds = [turn(store, broker, send, jobs // 2, n) for n in range(ROUNDS + 1)][1:]
    return {
        **latencies,
        "rounds": rounds,
        "throughput_ratio": median(r["ours_per_second"] / r["no_op_per_second"] for r in rounds),
        "processor_ratio": median(r["no_op_cpu_ms"] / r["ours_cpu_ms"] for r in rounds),
    }


def median(values: Iterable[float]) -> float:
    """The middle one, to two places."""
    return round(statistics.median(values), 2)


def turn(
    store: Store, broker: str, send: Callable[[int], None], jobs: int, number: int
) -> dict[str, float]:
    """Bare Celery and then ours, close together since other loads come and go.

    Jobs per second tell how long it takes here and now; processor time of the workers per job tells
    what it costs, whatever else the machine does. Our wake-ups come from a keeper.
    """
    submit(store, jobs, offset=(number + 1) * 1_000_000, paused=True)
    before = processor_seconds()
    plain = per_second(jobs, lambda: send(jobs), lambda: drained(broker))
    between = processor_seconds()
    with keeper(store, broker):
        ours = per_second(jobs, lambda: resume(store), lambda: done(store))
    after = processor_seconds()
    return {
        "no_op_per_second": plain,
        "ours_per_second": ours,
        "no_op_cpu_ms": round((between - before) / jobs * 1000, 2),
        "ours_cpu_ms": round((after - between) / jobs * 1000, 2),
    }


@contextmanager
def keeper(store: Store, broker: str) -> Iterator[None]:
    """Rings as the one in a worker's main process does."""
    settings = Settings()
    app = create_celery(broker, key_prefix=PREFIX)
    bell = Doorbell(app, broker_url=broker, key_prefix=PREFIX)
    keeping = Keeper(store, bell, window=settings.dispatch_window, sweep_seconds=0.5)
    stop = threading.Event()
    thread = threading.Thread(target=keeping.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join()
    bell.close()


def resume(store: Store) -> None:
    """Let the newest run begin."""
    with store.unit_of_work() as uow:
        (run,) = uow.runs.list(limit=1)
        uow.runs.resume(run.run_id)
        uow.commit()


def processor_seconds() -> float:
    """Of all worker processes so far."""
    times = [
        process.cpu_times()
        for process in psutil.Process().children(recursive=True)
        if "no_op" in process.cmdline()
    ]
    return sum(time.user + time.system for time in times)


def overhead(store: Store, jobs: int) -> dict[str, Any]:
    """Milliseconds of one process that claims and completes, one after the other."""
    first = submit(store, jobs, offset=0)
    claims, completions = [], []
    for job_id in range(first, first + jobs):
        started = time.perf_counter()
        with store.unit_of_work() as uow:
            claim = uow.jobs.claim(job_id, owner="b", devices=(QUEUE,), lease_seconds=60)
            uow.commit()
        claimed = time.perf_counter()
        assert claim is not None
        with store.unit_of_work() as uow:
            uow.jobs.complete(claim, result(job_id))
            uow.commit()
        claims.append(claimed - started)
        completions.append(time.perf_counter() - claimed)
    both = [a + b for a, b in zip(claims, completions, strict=True)]
    return {
        "claim": milliseconds(claims),
        "complete": milliseconds(completions),
        "claim_to_complete": milliseconds(both),
    }


def submit(store: Store, jobs: int, *, offset: int, paused: bool = False) -> int:
    """Id of the first of so many new jobs."""
    with store.unit_of_work() as uow:
        run = uow.runs.add(name="bench", options=TrackOptions())
        if paused:
            uow.runs.pause(run.run_id)
        uow.jobs.add_many(run, (video(offset + number) for number in range(jobs)))
        uow.commit()
        return uow.jobs.list(run.run_id, limit=1)[0].job_id


def per_second(jobs: int, send: Callable[[], None], finished: Callable[[], bool]) -> float:
    """From the first message sent to the last job done."""
    started = time.perf_counter()
    send()
    while not finished():
        time.sleep(0.05)
    return round(jobs / (time.perf_counter() - started), 1)


def drained(broker: str) -> bool:
    """No message is left; the few still in a worker's hands do not matter among thousands."""
    return Redis.from_url(broker).llen(f"{PREFIX}{QUEUE}") == 0


def done(store: Store) -> bool:
    """No job waits or runs any more."""
    with store.unit_of_work() as uow:
        return not uow.jobs.list(states=[JobState.AVAILABLE, JobState.RUNNING], limit=1)


if __name__ == "__main__":
    main()
