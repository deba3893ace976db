"""How long the dashboard's pages take with a million jobs in Postgres.

    uv run python ops/benchmarks/dashboard.py [--jobs 1000000] [--repeats 20] [--json FILE]

Prints, per page, median and 95th percentile of the time to the whole HTML, and the time of the
background look that the live numbers come from.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seeded_postgres import seeded_postgres

from posebatch_shared.recent_work import WINDOWS, read_throughput
from posebatch_shared.snapshot import read_snapshot
from posebatch_shared.store import Store, open_store
from posebatch_shared.store.pages import JobFilter


@contextmanager
def dashboard(store_url: str) -> Iterator[str]:
    """The dashboard as a process; yields its address once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "posebatch_ops", "dashboard", "--port", str(port)]
    environment = {**os.environ, "POSEBATCH_STORE_URL": store_url}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                fetch(f"{url}/unlock")
                break
            except OSError:
                time.sleep(0.2)
        time.sleep(5)  # the first look
        yield url
    finally:
        process.terminate()
        process.wait()


def fetch(url: str) -> float:
    """Seconds until the whole page is here."""
    started = time.perf_counter()
    with urllib.request.urlopen(url) as answer:
        answer.read()
    return time.perf_counter() - started


def measure(url: str, repeats: int) -> dict[str, float]:
    """Milliseconds: median, 95th percentile, most."""
    fetch(url)
    times = sorted(1000 * fetch(url) for _ in range(repeats))
    return {
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(0.95 * (len(times) - 1))], 1),
        "max_ms": round(times[-1], 1),
    }


def pages(jobs: int) -> dict[str, str]:
    """What is asked for: every page, first and deep, filtered and searched."""
    return {
        "overview": "/",
        "overview, a day": "/?window=24%20h",
        "runs": "/runs",
        "run, all jobs": "/runs/1",
        "run, deep page": f"/runs/1?after={jobs // 2}",
        "run, discarded": "/runs/1?state=discarded",
        "run, by reason": "/runs/1?state=discarded&reason=truncated",
        "run, search found": "/runs/1?q=jump_77",
        "run, search in vain": "/runs/1?q=no-such-name",
        "small run": "/runs/7",
        "job": f"/jobs/{jobs // 3}",
        "workers": "/workers",
        "dead letters": "/dead-letters?reason=no_person",
        "log": "/log",
    }


def background(url: str) -> dict[str, float]:
    """Milliseconds of the reads that run beside the pages."""
    store = open_store(url)
    found = {}
    for name, act in {
        "look at everything": lambda: read_snapshot(store),
        "rates of a day": lambda: _day(store),
        "dry-run count of a search": lambda: _count(store),
    }.items():
        act()
        started = time.perf_counter()
        act()
        found[name] = round(1000 * (time.perf_counter() - started), 1)
    store.close()
    return found


def _day(store: Store) -> None:
    with store.views().overview() as overview:
        read_throughput(overview, overview.running(), [], WINDOWS[-1])


def _count(store: Store) -> int:
    with store.views().bulk() as bulk:
        return bulk.count("cancel", JobFilter(run_id=1, search="athlete-7/"))


def main() -> None:
    """Seed, serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with seeded_postgres(asked.jobs) as store_url:
        reads = background(store_url)
        with dashboard(store_url) as url:
            times = {
                name: measure(url + path, asked.repeats) for name, path in pages(asked.jobs).items()
            }
    for name, taken in times.items():
        print(f"{name:<24} median {taken['median_ms']:>7.1f} ms   p95 {taken['p95_ms']:>7.1f} ms")
    for name, milliseconds in reads.items():
        print(f"{name:<24} {milliseconds:>14.1f} ms in the background")
    if asked.json:
        asked.json.write_text(json.dumps({"pages": times, "background_ms": reads}, indent=2))


if __name__ == "__main__":
    main()
