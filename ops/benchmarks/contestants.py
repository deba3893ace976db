"""Whole commands that take the same archive, each run as a person would start it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

KINEMOTION = ["uv", "run", "--no-project", "--with", "kinemotion==0.82.0", "kinemotion"]


@dataclass(slots=True)
class PeakMemory:
    """The most that any one process below this one held at a time, in bytes, sampled."""

    of_process: dict[int, int] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def watch(self, root: psutil.Process) -> None:
        """Sample until `stop`; processes may end meanwhile, `root` included."""
        while not self._over.wait(0.2):
            with suppress(psutil.Error):
                for process in root.children(recursive=True):
                    self._sample(process)

    def _sample(self, process: psutil.Process) -> None:
        with suppress(psutil.Error):
            held = process.memory_full_info().uss
            self.of_process[process.pid] = max(held, self.of_process.get(process.pid, 0))

    def stop(self) -> int:
        """End the sampling; the largest."""
        self._over.set()
        return max(self.of_process.values(), default=0)


def posebatch(clips: Sequence[Path], home: Path, *flags: str) -> dict[str, Any]:
    """`posebatch run` with an empty ledger; its JSON document and `peak_bytes` of its processes."""
    shutil.rmtree(home, ignore_errors=True)
    command = [sys.executable, "-m", "posebatch_producer", "run", "--json", *flags]
    process = subprocess.Popen(
        [*command, *map(str, clips)],
        env={**os.environ, "POSEBATCH_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    memory = PeakMemory()
    watcher = threading.Thread(target=memory.watch, args=(psutil.Process(process.pid),))
    watcher.start()
    output, _ = process.communicate()
    peak_bytes = memory.stop()
    watcher.join()
    document: dict[str, Any] = json.loads(output)
    if document["run"]["completed"] != len(clips) or any(j["cache_hit"] for j in document["jobs"]):
        raise SystemExit(f"not every clip was tracked: {document['run']}")
    return {**document, "peak_bytes": peak_bytes}


def kinemotion_batch(clips: Sequence[Path], folder: Path, workers: int = 2) -> None:
    """The peer's own batch form."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    command = [*KINEMOTION, "cmj-analyze", *map(str, clips), "--batch", "--workers", str(workers)]
    subprocess.run([*command, "--json-output-dir", str(folder)], check=True, capture_output=True)


def kinemotion_per_core(clips: Sequence[Path], folder: Path) -> None:
    """The same as a patient person would do it: a process per core, each with its share."""
    cores = min(len(os.sched_getaffinity(0)), len(clips))
    folder.mkdir(exist_ok=True)
    with ThreadPoolExecutor(cores) as pool:
        shares = (clips[core::cores] for core in range(cores))
        folders = (folder / str(core) for core in range(cores))
        list(pool.map(lambda share, out: kinemotion_batch(share, out, 1), shares, folders))
