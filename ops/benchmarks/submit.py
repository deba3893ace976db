"""How fast 100,000 files become jobs, in how much memory, and what a kill in the middle leaves.

uv run python ops/benchmarks/submit.py [--files 100000]
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from collections.abc import Iterator
from typing import Any

from ledgers import ledger_url, opened, save, video
from posebatch_producer.submit import submit_archive
from posebatch_shared.jobs import TrackOptions, VideoRef
from posebatch_shared.store import Store


def main() -> None:
    """Rate, memory and completeness on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    files = parser.parse_args().files
    report = {}
    for kind in ("sqlite", "postgres"):
        with ledger_url(kind) as url:
            report[kind] = {**rate(url, files), **killed_and_run_again(url, files)}
    save("submit", report)


def rate(url: str, files: int) -> dict[str, Any]:
    """Files per second after the scan, and how memory grows from a tenth of them to all."""
    with opened(url) as store:
        submit(store, scan(files // 10), "small")
        small_mb = peak_megabytes()
        started = time.perf_counter()
        added = submit(store, scan(files), "rate")
        seconds = time.perf_counter() - started
    assert added == files
    return {
        "files_per_second": round(files / seconds),
        "peak_mb_after_a_tenth": small_mb,
        "peak_mb_after_all": peak_megabytes(),
    }


def killed_and_run_again(url: str, files: int) -> dict[str, Any]:
    """SIGKILL in the middle, then the same submission once more."""
    process = multiprocessing.get_context("spawn").Process(target=submit_slowly, args=(url, files))
    process.start()
    with opened(url) as store:
        while jobs_of(store, "killed") < files // 3:
            time.sleep(0.02)
        process.kill()
        process.join()
        before = jobs_of(store, "killed")
        added = submit(store, scan(files), "killed")
        after = jobs_of(store, "killed")
    return {"in_ledger_when_killed": before, "added_again": added, "jobs_at_the_end": after}


def submit_slowly(url: str, files: int) -> None:
    """In a process of its own, to be killed."""
    with opened(url) as store:
        submit(store, scan(files), "killed")


def submit(store: Store, videos: Iterator[VideoRef], name: str) -> int:
    """As the command does; returns how many were new."""
    return submit_archive(store, videos, name=name, options=TrackOptions()).added


def scan(files: int) -> Iterator[VideoRef]:
    """A stream, as from a file server."""
    return (video(number) for number in range(files))


def jobs_of(store: Store, name: str) -> int:
    """Jobs in the newest run of that name."""
    with store.unit_of_work() as uow:
        run = uow.runs.get(name)
        return sum(uow.jobs.counts(run.run_id).values()) if run else 0


def peak_megabytes() -> int:
    """Highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
