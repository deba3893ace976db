"""A run as other programs read it: the document of the contract, and the files of an export."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from ledgers import TIMINGS, add_run, complete, fail, jobs_of, must_claim, result, video
from posebatch_producer.document import run_document
from posebatch_producer.export import Exported, export_runs, metrics_csv
from posebatch_producer.reading import worst_first
from posebatch_shared.errors import DecoderCrashed, ModelMissing, NoFrames
from posebatch_shared.jobs import JobState, Run, TrackOptions
from posebatch_shared.results import Artifacts
from posebatch_shared.snapshot import RunProgress
from posebatch_shared.store import Store
from posebatch_shared.store.tables import jobs
from posebatch_shared.versions import ANALYSIS_VERSION

JUMPS = [
    {
        "jump_height_m": 0.31,
        "jump_height_interval_m": [0.3, 0.32],
        "contact_time_seconds": None,
        "flight": {"not": "flat"},
    },
    {"jump_height_m": 0.29, "rsi_modified": 0.5},
]
LONG = "ü" * 120


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    """A clip with two jumps, a broken one, one that was cancelled, and one that is tried again; all
    within a minute."""
    (tmp_path / "a.parquet").write_bytes(b"poses")
    with store.unit_of_work() as uow:
        run = uow.runs.add(name="night", options=TrackOptions())
        clips = [video(0, root="local", path=f"home/{LONG}.mp4"), *(video(n) for n in (1, 2, 3))]
        uow.jobs.add_many(run, clips)
        uow.commit()
    jumped, broken, stopped, failed = (must_claim(store, job.job_id) for job in jobs_of(store, run))
    artifacts = Artifacts(keypoints=(tmp_path / "a.parquet").as_uri())
    quality = {"score": 80.5, "warnings": ["feet hidden"]}
    analysis = {"version": ANALYSIS_VERSION, "kind": "cmj", "slow_motion": 4.0, "note": "two"}
    analysis |= {"quality": quality, "jumps": JUMPS}
    complete(store, jumped, result("abc", analysis=analysis, artifacts=artifacts))
    fail(store, broken, NoFrames("not one"))
    fail(store, failed, DecoderCrashed("once"))
    with store._engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(update(jobs).values(started_at_ms=0, finished_at_ms=60_000))
        for held, state in ((stopped, JobState.CANCELLED), (failed, JobState.CANCELLED)):
            cancelled = update(jobs).where(jobs.c.job_id == held.job.job_id)
            connection.execute(cancelled.values(state=state.value))
    return run


def document(store: Store, run: Run) -> dict[str, Any]:
    with store.unit_of_work() as uow:
        return run_document(uow, run)


def test_the_summary_adds_up(store: Store, run: Run) -> None:
    assert document(store, run)["run"] == {
        "run_id": run.run_id,
        "name": "night",
        "options": TrackOptions().to_json(),
        "state": "completed",
        "total": 4,
        "completed": 1,
        "discarded": 1,
        "cancelled": 2,
        "seconds": 60.0,
        "frames_per_second": 1.5,
        "videos_per_hour": 60.0,
    }


def test_a_run_that_nobody_has_begun_has_no_rate(store: Store) -> None:
    with store.unit_of_work() as uow:
        summary = run_document(uow, uow.runs.add(name="new", options=TrackOptions()))["run"]
    rates = (summary["seconds"], summary["frames_per_second"], summary["videos_per_hour"])
    assert rates == (0.0, 0.0, 0.0)


def test_each_job_tells_its_video_error_result_and_timings(store: Store, run: Run) -> None:
    jumped, broken, stopped, failed = document(store, run)["jobs"]
    assert (jumped["video"], broken["video"]) == (f"/home/{LONG}.mp4", video(1).path)
    assert jumped["error"] is stopped["error"] is None
    assert broken["error"] == {"code": "no_frames", "message": "not one"}
    assert failed["error"]["code"] == "decoder_crashed"
    assert jumped["analysis"]["jumps"] == JUMPS
    assert (jumped["video_info"]["hdr"], jumped["video_info"]["frames"]) == (True, 90)
    assert broken["analysis"] is broken["video_info"] is broken["tracker"] is None
    assert broken["artifacts"] == {"keypoints": None, "overlay": None}
    assert [row["stage"] for row in jumped["timings"]] == [row.stage for row in TIMINGS]


def test_a_job_whose_turn_has_come_again_still_says_what_it_met(store: Store) -> None:
    run = add_run(store)
    missed = must_claim(store, jobs_of(store, run)[0].job_id)
    fail(store, missed, ModelMissing("no rtmo-s.onnx"), costs_attempt=False)
    with store._engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(update(jobs).values(available_at_ms=0))
    with store.unit_of_work() as uow:
        uow.jobs.due(devices=("any",), limit=1, redispatch=False)
        uow.commit()
    job = document(store, run)["jobs"][0]
    assert job["state"] == "available"
    assert job["error"] == {"code": "model_missing", "message": "no rtmo-s.onnx"}


@pytest.mark.parametrize(
    ("flags", "counts", "state"),
    [
        ({}, {JobState.COMPLETED: 1, JobState.AVAILABLE: 1}, "running"),
        ({}, {JobState.COMPLETED: 1, JobState.DISCARDED: 1, JobState.RUNNING: 0}, "completed"),
        ({"paused": True}, {JobState.COMPLETED: 1, JobState.RETRYABLE: 1}, "paused"),
        ({"paused": True}, {JobState.COMPLETED: 1}, "completed"),
        ({"cancelled": True}, {JobState.CANCELLED: 1, JobState.RUNNING: 1}, "cancelled"),
    ],
)
def test_the_state_of_a_run(
    run: Run, flags: Mapping[str, bool], counts: Mapping[JobState, int], state: str
) -> None:
    assert RunProgress(run=replace(run, **flags), counts=counts, left=None).state == state


def test_the_table_has_a_row_per_jump_and_one_per_other_video(store: Store, run: Run) -> None:
    jumped, broken, stopped, failed = jobs_of(store, run)
    assert metrics_csv(document(store, run)).splitlines() == [
        "job_id,run_id,video,recorded_at,state,error,tracker,kind,slow_motion,quality,remarks,jump,"
        "jump_height_m,jump_height_interval_m_low,jump_height_interval_m_high,"
        "contact_time_seconds,rsi_modified",
        f"{jumped.job_id},{run.run_id},/home/{LONG}.mp4,2026-11-20T15:00:00+00:00,completed,,mediapipe,cmj,4.0,"
        "80.5,two; feet hidden,1,0.31,0.3,0.32,,",
        f"{jumped.job_id},{run.run_id},/home/{LONG}.mp4,2026-11-20T15:00:00+00:00,completed,,mediapipe,cmj,4.0,"
        "80.5,two; feet hidden,2,0.29,,,,0.5",
        f"{broken.job_id},{run.run_id},{video(1).path},,discarded,no_frames,,,,,not one,,,,,,",
        f"{stopped.job_id},{run.run_id},{video(2).path},,cancelled,,,,,,,,,,,,",
        f"{failed.job_id},{run.run_id},{video(3).path},,cancelled,decoder_crashed,,,,,once,,,,,,",
    ]


def test_the_worst_come_first(store: Store, run: Run) -> None:
    told = document(store, run)
    broken, good, bad = told["jobs"][1], told["jobs"][0], {**told["jobs"][0], "job_id": 99}
    bad["analysis"] = {**good["analysis"], "quality": {"score": 12.0}}
    assert worst_first({**told, "jobs": [good, broken, bad]})["jobs"] == [broken, bad, good]


def test_an_export_holds_document_table_and_keypoints(
    store_url: str, store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path / "home"))
    folder = tmp_path / "new" / "out"
    assert export_runs(["night"], str(folder)) == Exported(keypoints=1, left_out=[])
    told, job_id = document(store, run), jobs_of(store, run)[0].job_id
    keypoints = f"{job_id}-{'ü' * 75}.keypoints.parquet"  # as much as a file system takes
    assert {path.name for path in folder.iterdir()} == {"results.json", "metrics.csv", keypoints}
    assert (folder / keypoints).read_bytes() == b"poses"
    assert json.loads((folder / "results.json").read_text("utf-8")) == told
    assert (folder / "metrics.csv").read_bytes() == b"\xef\xbb\xbf" + metrics_csv(told).encode()


def test_an_export_of_several_runs_has_each_video_once(
    store_url: str, store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path / "home"))
    again, worse = add_run(store, 4, name="again"), add_run(store, 4, name="worse")
    for part, measured in ((again, 2), (worse, 3)):
        listed = jobs_of(store, part)
        complete(store, must_claim(store, listed[measured].job_id), result(f"c{part.run_id}"))
        fail(store, must_claim(store, listed[1].job_id), NoFrames("not one"))
    names = ["night", str(worse.run_id), "again", str(run.run_id)]
    export_runs(names, str(tmp_path / "out"))
    told = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    assert [part["name"] for part in told["runs"]] == ["night", "worse", "again"]
    jumped = jobs_of(store, run)[0].video.place
    assert [(job["video"], job["run_id"], job["state"]) for job in told["jobs"]] == [
        (jumped, run.run_id, "completed"),  # as nobody else has it
        (video(1).path, again.run_id, "discarded"),  # as the last has it
        (video(2).path, again.run_id, "completed"),
        (video(3).path, worse.run_id, "completed"),  # as the only one that measured it
        (video(0).path, again.run_id, "available"),
    ]
