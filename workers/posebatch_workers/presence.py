"""This process as the dashboard sees it: what it runs on, and that it is still there."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.logs import logger
from posebatch_shared.store import Store
from posebatch_workers.owner import Owner
from posebatch_workers.tracker_slot import TrackerSlot

log = logger(__name__)

REPORT_SECONDS = 5.0


@contextmanager
def present(store: Store, owner: Owner, slot: TrackerSlot) -> Iterator[None]:
    """Report this process to the ledger every few seconds, until it ends in order."""
    stop = threading.Event()
    thread = threading.Thread(
        target=_report_until, args=(stop, store, owner, slot), name="presence", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        with suppress(StoreUnavailable), store.unit_of_work() as uow:
            uow.workers.forget(str(owner))
            uow.commit()


def _report_until(stop: threading.Event, store: Store, owner: Owner, slot: TrackerSlot) -> None:
    while True:
        try:
            _report(store, owner, slot)
        except StoreUnavailable:
            pass  # the keeper tells
        except Exception:  # nobody watches this thread: the next report may do better than none
            log.exception("report_broke")
        if stop.wait(REPORT_SECONDS):
            return


def _report(store: Store, owner: Owner, slot: TrackerSlot) -> None:
    with store.unit_of_work() as uow:
        uow.workers.report(
            name=str(owner),
            device=owner.device,
            host=owner.host,
            pid=owner.pid,
            tracker=_described(slot),
            stats={"load_seconds": slot.load_seconds, **memory(), **gpu(owner)},
        )
        uow.commit()


def _described(slot: TrackerSlot) -> Mapping[str, Any]:
    if info := slot.info:
        return asdict(info)
    return {"error": slot.error_code} if slot.error_code else {}


def memory() -> dict[str, int]:
    """Resident memory now and at its peak, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    try:
        with open("/proc/self/statm") as statm:  # noqa: PTH123
            now = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        now = peak
    return {"memory_bytes": now, "peak_memory_bytes": peak}


def gpu(owner: Owner) -> dict[str, float]:
    """Use and memory of the first visible GPU by nvidia-smi; empty on the CPU or without it."""
    if owner.device != "gpu" or not shutil.which("nvidia-smi"):
        return {}
    fields = "utilization.gpu,memory.used"
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0] or "0"
    try:
        done = subprocess.run(
            ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader,nounits", "-i", visible],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return _gpu_stats(done.stdout)


def _gpu_stats(line: str) -> dict[str, float]:
    """Of a line with utilisation in % and memory in MiB; parts of a GPU tell neither ("[N/A]")."""
    units = {"gpu_utilization": 0.01, "gpu_memory_bytes": 2.0**20}
    stats: dict[str, float] = {}
    for (name, unit), value in zip(units.items(), line.split(","), strict=False):
        with suppress(ValueError):
            stats[name] = float(value) * unit
    return stats
