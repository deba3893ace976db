"""A dashboard as a process of its own, over a ledger with something of everything in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archives import WORKERS, add_archive, begin, finding, report_workers, work_through
from ledgers import complete
from posebatch_shared.jobs import Run, TrackOptions, VideoRef
from posebatch_shared.store import Store, open_store
from recordings import write_keypoint_file, write_overlay
from servers import free_port, running

TOKEN = "let-me-act"
HOSTILE_RUN = "<b>camp</b></script>"
HOSTILE = "camp/<img src=x onerror=alert(1)>'\"&.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """Where it listens, the ledger behind it, and what was put there."""

    url: str
    store: Store
    run: Run  #: of 120 jobs, half of them ended
    shown_job_id: int  #: completed, with overlay and keypoints


@contextmanager
def seeded(home: Path) -> Iterator[Dashboard]:
    """Fill a SQLite ledger under `home` and serve it."""
    store = open_store(f"sqlite:///{home}/ledger.sqlite")
    store.migrate()
    run, shown_job_id = _seed(store, home)
    with serving(home) as url:
        yield Dashboard(url=url, store=store, run=run, shown_job_id=shown_job_id)
    store.close()


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The dashboard over the ledger under `home`, with a token set; yields its address."""
    port = free_port()
    environment = {
        "POSEBATCH_HOME": str(home),
        "POSEBATCH_STORE_URL": "",
        "POSEBATCH_DASHBOARD_TOKEN": TOKEN,
    }
    # Under pytest NiceGUI would behave otherwise than in service.
    outside_pytest = ("env", "-u", "PYTEST_CURRENT_TEST", "-u", "PYTEST_VERSION")
    serve = (sys.executable, "-m", "posebatch_ops", "dashboard", "--port", str(port))
    url = f"http://127.0.0.1:{port}"
    with running(
        [*outside_pytest, *serve],
        log=home / "dashboard.log",
        ready=f"{url}/log",
        environment=environment,
    ):
        yield url


def _seed(store: Store, home: Path) -> tuple[Run, int]:
    keypoints, overlay = home / "kk" / "k.parquet", home / "oo" / "o.mp4"
    for path in (keypoints, overlay):
        path.parent.mkdir()
    write_keypoint_file(keypoints)
    write_overlay(overlay)
    with store.unit_of_work() as uow:
        hostile = uow.runs.add(name=HOSTILE_RUN, options=TrackOptions())
        video = VideoRef(root="archive", path=HOSTILE, size_bytes=1, mtime_ns=1)
        uow.jobs.add_many(hostile, [video])
        uow.commit()
    held = begin(store)
    assert held is not None
    result = finding(held.job.job_id, keypoints=keypoints.as_uri(), overlay=overlay.as_uri())
    complete(store, held, result)
    run = add_archive(store, 120)
    work_through(store, 60)
    for owner in WORKERS:
        begin(store, owner=owner, frames_done=120)
    report_workers(store)
    return run, held.job.job_id
