"""A worker process whose native code sleeps, with the interpreter let go of or not."""

from __future__ import annotations

import ctypes

from ledgers import complete, must_claim
from posebatch_shared.store import open_store
from posebatch_workers.heartbeat import Heartbeat
from posebatch_workers.owner import Owner

SECONDS = 1.2


def work(store_url: str, job_id: int, keeps_interpreter: bool) -> None:
    """Claim, sleep in libc for SECONDS under a heartbeat ten times as fast as the lease, complete.

    A function of a PyDLL is called with the interpreter held, one of a CDLL without it.
    """
    store = open_store(store_url)
    held = must_claim(store, job_id, owner=str(Owner.current("cpu")), lease_seconds=1)
    library = ctypes.PyDLL(None) if keeps_interpreter else ctypes.CDLL(None)
    with Heartbeat(store, held, beat_seconds=0.1, lease_seconds=1):
        library.usleep(int(SECONDS * 1e6))
    complete(store, held)
    store.close()
