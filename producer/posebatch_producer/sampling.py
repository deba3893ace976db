"""A look into some of a run's files, so that the time left can be told from the work ahead."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from posebatch_producer.headers import read_header
from posebatch_shared.file_names import on_disk
from posebatch_shared.jobs import Run, VideoHeader
from posebatch_shared.storage import is_remote
from posebatch_shared.store import Store

#: Files that stand for all of a larger run, and how long looking into them may take.
SAMPLE = 512
SECONDS = 2.0


def sample_headers(store: Store, run: Run, mounts: Mapping[str, str]) -> int:
    """Note what the headers of a sample say; returns of how many files. Remote ones are left out.

    Errors: StoreUnavailable.
    """
    with store.views().headers() as headers:
        unread = headers.unread(run.run_id, limit=SAMPLE)
    until = time.monotonic() + SECONDS
    found: dict[int, VideoHeader | None] = {}
    for job_id, video in unread:
        mount = mounts.get(video.root)
        if mount and not is_remote(mount) and time.monotonic() < until:
            found[job_id] = read_header(Path(mount) / on_disk(video.path))
    with store.views().headers() as headers:
        headers.note(found)
    return len(found)
