"""How long from the command until a worker is ready, and until a run of one short clip is over?

uv run python ops/benchmarks/cold_start.py [--repeats 5]

`posebatch worker` starts on a private Redis, with a job already in its ledger. Ready: it claims,
which it does with a warm tracker only; tracked: the clip of a dozen frames is in the ledger, its
first frame hence earlier. `posebatch run` takes the same clip into an empty ledger, start to end;
what is not its job's own time is starting and stopping. Files are in the page cache.
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
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import av

from posebatch_producer.archive import scan
from posebatch_producer.private_redis import private_redis
from posebatch_producer.submit import submit_archive
from posebatch_shared.jobs import JobState, TrackOptions
from posebatch_shared.store import Store, open_store
from posebatch_workers.athlete.clip import ClipSpec, draw_clip

RESULTS = Path(__file__).parent / "results"
TRACKERS = ("mediapipe", "blazepose")
FRAMES = 12
COMMAND = (sys.executable, "-m", "posebatch_producer")


def main() -> None:
    """Measure in turn, print medians and keep all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory(prefix="pb-") as name:
        folder = Path(name)
        clip = folder / "clip.mp4"
        draw_short(clip)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what was compiled is kept, as elsewhere
        for tracker in TRACKERS:  # once for the page cache, and to compile
            worker_seconds(folder / f"warm-{tracker}", clip, tracker)
        rounds = [one_round(folder / str(number), clip) for number in range(repeats)]
    names = rounds[0].keys()
    report = {name: [round(each[name], 3) for each in rounds] for name in names}
    for name, seconds in report.items():
        print(f"{name:32} {statistics.median(seconds):6.2f} s")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "cold_start.json").write_text(json.dumps(report, indent=1) + "\n")


def draw_short(clip: Path) -> None:
    """The first FRAMES of a drawn clip."""
    whole = clip.with_name("whole.mp4")
    draw_clip(ClipSpec(width=360, height=640, fps=30.0, quiet_seconds=0.3), whole)
    with av.open(str(whole)) as source, av.open(str(clip), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in islice(source.demux(video=0), FRAMES):
            packet.stream = stream
            target.mux(packet)


def one_round(folder: Path, clip: Path) -> dict[str, float]:
    """Name → seconds of everything once."""
    seconds: dict[str, float] = {}
    for tracker in TRACKERS:
        for name, value in worker_seconds(folder / tracker, clip, tracker).items():
            seconds[f"worker, {tracker}: {name}"] = value
    for name, value in run_seconds(folder / "run", clip).items():
        seconds[f"run: {name}"] = value
    return seconds


def worker_seconds(home: Path, clip: Path, tracker: str) -> dict[str, float]:
    """From starting the command to the claim, to the result, and from asking it to stop to its end.

    SystemExit if the job did not complete.
    """
    home.mkdir(parents=True)
    with private_redis() as broker_url, waiting_job(home, clip) as store:
        environment = {
            "POSEBATCH_HOME": str(home),
            "POSEBATCH_BROKER_URL": broker_url,
            "POSEBATCH_CONCURRENCY": "1",
            "POSE_TRACKER_BACKEND": tracker,
        }
        started_at = time.time()
        process = start("worker", home=home, environment=environment)
        claimed_at, finished_at = times(store, process)
        asked = time.perf_counter()
        process.terminate()
        process.wait()
    return {
        "ready": claimed_at - started_at,
        "tracked": finished_at - started_at,
        "stop": time.perf_counter() - asked,
    }


def start(*words: str, home: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """The command as a process whose log lies in `home`."""
    with (home / "log").open("w") as log:
        return subprocess.Popen(
            [*COMMAND, *words],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


@contextmanager
def waiting_job(home: Path, clip: Path) -> Iterator[Store]:
    """A ledger with the clip in it."""
    store = open_store(f"sqlite:///{home}/ledger.sqlite")
    store.migrate()
    options = TrackOptions(kind="pose", dense=True)
    submit_archive(store, scan([str(clip)], {"local": "/"}), name="one", options=options)
    yield store
    store.close()


def times(store: Store, worker: subprocess.Popen[str]) -> tuple[float, float]:
    """When the job was claimed and when it was finished, by the ledger's clock."""
    while worker.poll() is None:
        with store.unit_of_work() as uow:
            (job,) = uow.jobs.list(1)
        if job.state is JobState.COMPLETED and job.started_at and job.finished_at:
            return job.started_at.timestamp(), job.finished_at.timestamp()
        if job.error_code:
            raise SystemExit(f"{job.error_code}: {job.error_message}")
        time.sleep(0.05)
    raise SystemExit(f"the worker ended with {worker.returncode}")


def run_seconds(home: Path, clip: Path) -> dict[str, float]:
    """A run of the clip from start to end, its job's own time, and the rest."""
    home.mkdir(parents=True)
    started = time.perf_counter()
    environment = {"POSEBATCH_HOME": str(home)}
    process = start("run", "--json", str(clip), home=home, environment=environment)
    output, _ = process.communicate()
    whole = time.perf_counter() - started
    (job,) = json.loads(output)["jobs"]
    work = next(t["seconds"] for t in job["timings"] if t["stage"] == "job")
    return {"whole": whole, "its job": work, "start and stop": whole - work}


if __name__ == "__main__":
    main()
