"""How near the time left was told in a real run of a mixed archive.

uv run python ops/benchmarks/time_left.py [--clips 200] [--distinct 60] [--folder FOLDER]

Draws the archive, works it off with `posebatch run` on this machine, and asks for the time left
twice a second. What each clip took is kept as CSV; tests deal it out again in other orders.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mixed_archive import mixed_archive
from sqlalchemy import select

from ledgers import RESULTS, save
from posebatch_shared.snapshot import run_time_left
from posebatch_shared.store import Store, open_store
from posebatch_shared.store.database import create_engine
from posebatch_shared.store.tables import headers, jobs, videos

LOOK_SECONDS = 0.5
SHARES = (0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
COLUMNS = ("size_bytes", "frames", "pixels", "started_seconds", "seconds", "tracked")
_ENDED = ("completed", "discarded")


def main() -> None:
    """Draw, run, watch, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--distinct", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="where to keep the drawn clips")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="posebatch-bench-") as folder:
        home = Path(folder) / "home"
        archive = mixed_archive(
            arguments.folder or Path(folder), arguments.clips, distinct=arguments.distinct
        )
        looks = watch(home, archive[0].parent, len(archive))
        report = {
            "clips": len(archive),
            "distinct": arguments.distinct,
            "cores": len(os.sched_getaffinity(0)),
            "load_average": os.getloadavg()[0],
            "seconds": round(looks[-1]["at"] - looks[0]["at"], 1),
            "told": compare(looks, len(archive)),
        }
        keep_jobs(f"sqlite:///{home}/ledger.sqlite")
    save("time_left", report)


def watch(home: Path, archive: Path, clips: int) -> list[dict[str, Any]]:
    """What was told during the run, from its first claim to its end."""
    command = [sys.executable, "-m", "posebatch_producer", "run", str(archive), "--json"]
    environment = {**os.environ, "POSEBATCH_HOME": str(home)}
    looks: list[dict[str, Any]] = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as running:
        store = _opened(home, running)
        while running.poll() is None and (not looks or looks[-1]["ended"] < clips):
            if look := _look(store):
                looks.append(look)
            time.sleep(LOOK_SECONDS)
        store.close()
        running.wait()
    return looks


def _opened(home: Path, running: subprocess.Popen[bytes]) -> Store:
    while not (home / "logs").exists() and running.poll() is None:
        time.sleep(0.1)
    return open_store(f"sqlite:///{home}/ledger.sqlite")


def _look(store: Store) -> dict[str, Any] | None:
    """Ended jobs and the time left by the ledger, None before the first claim."""
    with store.unit_of_work() as uow, store.views().overview() as overview:
        run = uow.runs.list(limit=1)[0]
        counts = uow.jobs.counts(run.run_id)
        left = run_time_left(overview, run.run_id, counts)
        ended = sum(number for state, number in counts.items() if state.value in _ENDED)
        started = any(state.value in ("running", *_ENDED) for state in counts)
        at = overview.now_seconds()
    if not started:
        return None
    told = [left.seconds, left.low_seconds, left.high_seconds] if left else None
    return {"at": at, "ended": ended, "left": told}


def compare(looks: list[dict[str, Any]], clips: int) -> list[dict[str, Any]]:
    """What was told once each share of the clips had ended, and what was true."""
    end = looks[-1]["at"]
    found = []
    for share in SHARES:
        look = next(look for look in looks if look["ended"] >= share * clips)
        if look["left"] is None:
            continue
        told, low, high = look["left"]
        true = end - look["at"]
        found.append(
            {
                "share": share,
                "told_seconds": round(told, 1),
                "interval_seconds": [round(low, 1), round(high, 1)],
                "true_seconds": round(true, 1),
                "error": round(told / true - 1, 4),
            }
        )
        print(f"{share:4.0%}  told {told:6.1f} s ({low:.0f} – {high:.0f})  true {true:6.1f} s")
    return found


def keep_jobs(url: str) -> None:
    """Of each clip in order: what its header says, when it began, and what it took."""
    engine = create_engine(url)
    statement = (
        select(jobs, videos.c.size_bytes, headers.c.frames, headers.c.pixels)
        .join(videos, videos.c.video_id == jobs.c.video_id)
        .join(headers, headers.c.job_id == jobs.c.job_id, isouter=True)
        .order_by(jobs.c.job_id)
    )
    with engine.connect() as connection:
        rows = connection.execute(statement).all()
    engine.dispose()
    first = min(row.started_at_ms for row in rows)
    with (RESULTS / "time_left_jobs.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            began, took = row.started_at_ms - first, row.finished_at_ms - row.started_at_ms
            tracked = row.state == "completed" and not row.cache_hit
            facts = (row.size_bytes, row.frames, row.pixels)
            writer.writerow([*facts, began / 1000, took / 1000, int(tracked)])


if __name__ == "__main__":
    main()
