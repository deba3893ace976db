"""The table of a run, on the narrowest terminal."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from posebatch_producer.run_table import run_table

RUN = {"run_id": 7, "name": "camp", "total": 3, "completed": 2, "discarded": 1, "cancelled": 0}
RATES = {"seconds": 10.0, "frames_per_second": 90.0, "videos_per_hour": 720.0}
JUMPS = [{"jump_height_m": 0.301 + n / 100, "flight_time_seconds": 0.5} for n in range(4)]


def job(video: str, **changes: Any) -> dict[str, Any]:
    analysis = {"kind": "squat-jump", "jumps": JUMPS, "quality": {"score": 81.2}}
    plain = {"state": "completed", "error": None, "cache_hit": False, "analysis": analysis}
    return {"job_id": 12345, "video": video, **plain, **changes}


def lines(*jobs: dict[str, Any]) -> list[str]:
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(run_table({"run": {**RUN, **RATES}, "jobs": jobs}))
    return console.export_text().splitlines()


def test_names_kinds_and_numbers_are_whole_on_80_columns() -> None:
    name = "2026-11-20 countermovement jump, camera two, third try of Müller.mp4"
    error = {"code": "artifacts_unavailable", "message": "away"}
    broken = job("/archive/b.mp4", state="discarded", analysis=None, error=error)
    told = lines(job(f"/archive/{name}"), broken)
    assert max(map(len, told)) <= 80
    text = "".join("".join(told).split())
    assert "…" not in text
    for word in (
        *name.split(),
        "12345",
        "squat-jump",
        "30.1",
        "33.1",
        "artifacts_unavailable",
        "quality",
        "81",
    ):
        assert word in text


def test_folders_tell_videos_of_one_name_apart() -> None:
    videos = ("/archive/anna/1.mp4", "/archive/bert/1.mp4", "/archive/bert/2.mp4")
    names = [line.split()[1] for line in lines(*map(job, videos)) if "12345" in line]
    assert names == ["anna/1.mp4", "bert/1.mp4", "2.mp4"]


def test_what_was_known_before_is_counted() -> None:
    told = lines(job("/a.mp4", cache_hit=True), job("/b.mp4"))
    assert " ".join(" ".join(told).split()).endswith("· 1 known before")
