"""From kill -9 of a worker to its job running in another, with real workers, Redis and Postgres.

PYTHONPATH=tests uv run python ops/benchmarks/recovery.py [--kills 30]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from chaos.clips import write_clips
from chaos.processes import kill_tree, wait_until
from chaos.service import Service
from ledgers import ledger_url, save
from posebatch_shared.jobs import Job, JobState
from posebatch_workers.owner import Owner


def main() -> None:
    """Kill whichever worker holds a job, again and again; how long until another has it?"""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--store", choices=("postgres", "sqlite"), default="postgres")
    arguments = parser.parse_args()
    with (
        ledger_url(arguments.store) as url,
        tempfile.TemporaryDirectory(prefix="posebatch-bench-") as folder,
        Service(Path(folder) / "service", url, seconds_per_clip=4.0) as service,
    ):
        seconds = sorted(measure(service, arguments.kills))
    report = {
        "store": arguments.store,
        "kills": len(seconds),
        "p50_seconds": round(seconds[len(seconds) // 2], 2),
        "p99_seconds": round(seconds[int(len(seconds) * 0.99)], 2),
        "max_seconds": round(seconds[-1], 2),
    }
    save(f"recovery-{arguments.store}", report)


def measure(service: Service, kills: int) -> list[float]:
    """Seconds of each kill."""
    clips = write_clips(service.clips, kills)
    return [recovery_seconds(service, [clip]) for clip in clips]


def recovery_seconds(service: Service, clips: list[Path]) -> float:
    """One clip on its way while both workers are up; its worker dies; another takes it."""
    wait_until(lambda: all(service.child_of(number) for number in service.workers), 60)
    run = service.submit(clips, name=f"kill-{clips[0].name}")
    job = service.wait_for_a_running_job(run)
    assert job is not None
    killed = time.perf_counter()
    kill_tree(worker_of(service, job))
    wait_until(lambda: has_moved(service.jobs(run)[0], job), 60)
    seconds = time.perf_counter() - killed
    service.drain(run)
    time.sleep(5)  # until the killed worker has been replaced
    return seconds


def worker_of(service: Service, job: Job) -> int:
    """Pid of the main process over the process that holds the job."""
    owner = Owner.parse(str(job.owner))
    assert owner is not None
    return next(
        service.pid(number) for number in service.workers if owner.pid in service.pool_of(number)
    )


def has_moved(now: Job, before: Job) -> bool:
    """Whether another process holds it, or has even ended it."""
    return now.owner != before.owner and now.state in (JobState.RUNNING, JobState.COMPLETED)


if __name__ == "__main__":
    main()
