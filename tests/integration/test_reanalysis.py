"""Stored keypoints analysed again: new numbers for old runs, and no video opened."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import trajectories
from command import Command
from ledgers import add_run, complete, job_of, jobs_of, must_claim, result
from posebatch_producer.document import run_document
from posebatch_shared.artifacts import ArtifactStore, open_artifacts
from posebatch_shared.errors import ArtifactsUnavailable
from posebatch_shared.jobs import JobState
from posebatch_shared.results import Artifacts
from posebatch_shared.store import Store, open_store
from posebatch_shared.versions import ANALYSIS_VERSION
from posebatch_workers.fingerprint import describe_pipeline
from posebatch_workers.keypoints import write_keypoints
from posebatch_workers.reanalysis import Reanalysis, Reanalyst
from recordings import lose_a_sector

SEQUENCE = trajectories.sequence(trajectories.cmj(0.3), fps=60, noise_px=1)
OLD: dict[str, Any] = {"version": "0", "kind": "none", "jumps": [], "athlete": {"rule": "auto"}}


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return open_artifacts(str(tmp_path / "artifacts"))


@pytest.fixture
def reanalyst(store: Store, tmp_path: Path) -> Reanalyst:
    return Reanalyst(store=store, artifacts_url=str(tmp_path / "artifacts"), least_side_px=0)


def stored(artifacts: ArtifactStore, folder: Path) -> str:
    path = folder / "keypoints.parquet"
    write_keypoints(SEQUENCE, path, {})
    return artifacts.put(path, "jump.keypoints.parquet")


def finished(
    store: Store, keypoints: str | None, analysis: Mapping[str, Any] = OLD
) -> tuple[Any, int]:
    """A run whose one job was completed, by an older analysis unless told otherwise."""
    run = add_run(store)
    (job,) = jobs_of(store, run)
    files = Artifacts(keypoints=keypoints, overlay="file:///a.mp4")
    complete(store, must_claim(store, job.job_id), result(analysis=analysis, artifacts=files))
    return run, job.job_id


def test_an_old_result_gets_the_present_numbers(
    store: Store, artifacts: ArtifactStore, reanalyst: Reanalyst, tmp_path: Path
) -> None:
    run, job_id = finished(store, stored(artifacts, tmp_path))

    assert reanalyst.run(run) == Reanalysis(reanalysed=1)
    assert reanalyst.run(run) == Reanalysis(current=1)

    job = job_of(store, job_id)
    assert (job.state, job.attempt) == (JobState.COMPLETED, 1)
    with store.unit_of_work() as uow:
        found = uow.results.get(job.result_id or 0)
    assert found
    assert found.analysis["version"] == ANALYSIS_VERSION
    assert found.analysis["athlete"] == OLD["athlete"]
    assert found.analysis["jumps"][0]["jump_height_m"] == pytest.approx(0.3, abs=0.02)
    assert found.artifacts.overlay == "file:///a.mp4"


def test_old_poses_do_not_answer_for_the_present_pipeline(
    store: Store, artifacts: ArtifactStore, reanalyst: Reanalyst, tmp_path: Path
) -> None:
    """They were tracked by another one; a newer run's result of the same clip stays what it is."""
    run, job_id = finished(store, stored(artifacts, tmp_path))
    with store.unit_of_work() as uow:
        before = uow.results.get(job_of(store, job_id).result_id or 0)
    assert before
    present = describe_pipeline(
        run.options, before.tracker, analysis_version=ANALYSIS_VERSION, least_side_px=0
    ).digest()
    newer = add_run(store, name="newer")
    (job,) = jobs_of(store, newer)
    tracked = result(before.content_hash, present, artifacts=Artifacts(keypoints="file:///new"))
    kept = complete(store, must_claim(store, job.job_id), tracked)

    assert reanalyst.run(run) == Reanalysis(reanalysed=1)

    assert job_of(store, job_id).result_id != kept
    with store.unit_of_work() as uow:
        found = uow.results.get(kept)
    assert found
    assert found.artifacts.keypoints == "file:///new"


def test_lost_keypoints_leave_the_old_result(store: Store, reanalyst: Reanalyst) -> None:
    run, job_id = finished(store, "file:///nowhere.parquet")
    before = job_of(store, job_id)

    assert reanalyst.run(run) == Reanalysis(without_keypoints=1)
    assert job_of(store, job_id) == before


def test_damaged_keypoints_do_not_keep_the_others_from_new_numbers(
    store: Store, artifacts: ArtifactStore, reanalyst: Reanalyst, tmp_path: Path
) -> None:
    run = add_run(store, 2)
    for job in jobs_of(store, run):
        path = tmp_path / "keypoints.parquet"
        write_keypoints(SEQUENCE, path, {})
        if job.job_id == 1:
            lose_a_sector(path)
        files = Artifacts(keypoints=artifacts.put(path, f"{job.job_id}.keypoints.parquet"))
        outcome = result(f"c{job.job_id}", analysis=OLD, artifacts=files)
        complete(store, must_claim(store, job.job_id), outcome)

    assert reanalyst.run(run) == Reanalysis(reanalysed=1, without_keypoints=1)


def test_storage_that_does_not_answer_is_not_taken_for_lost_keypoints(
    store: Store, reanalyst: Reanalyst, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor asked again for each video."""
    run, _ = finished(store, "s3://gone/k.parquet")

    def no_answer(*_: Any) -> None:
        raise RuntimeError("no answer")

    monkeypatch.setattr("posebatch_shared.artifacts._open", no_answer)
    with pytest.raises(ArtifactsUnavailable, match="no answer"):
        reanalyst.run(run)


def test_numbers_of_a_newer_version_are_left_to_it(
    store: Store, artifacts: ArtifactStore, reanalyst: Reanalyst, tmp_path: Path
) -> None:
    newer = {**OLD, "version": str(int(ANALYSIS_VERSION) + 1)}
    run, job_id = finished(store, stored(artifacts, tmp_path), newer)
    before = job_of(store, job_id)

    assert reanalyst.run(run) == Reanalysis(current=1)
    assert job_of(store, job_id) == before
    with store.unit_of_work() as uow:
        assert [job["remark"] for job in run_document(uow, run)["jobs"]] == [None]


def test_only_a_completed_job_of_the_same_content_is_pointed_elsewhere(store: Store) -> None:
    run = add_run(store, 2)
    first, second = jobs_of(store, run)
    complete(store, must_claim(store, first.job_id), result("c1"))

    with store.unit_of_work() as uow:
        assert not uow.jobs.reanalysed(second.job_id, result("c1", "p1"))
        assert not uow.jobs.reanalysed(first.job_id, result("c2", "p1"))
        assert uow.jobs.reanalysed(first.job_id, result("c1", "p1"))


def test_the_command_says_what_it_did(sqlite_url: str, tmp_path: Path) -> None:
    command = Command(home=tmp_path / "home", environment={"POSEBATCH_STORE_URL": sqlite_url})
    store = open_store(sqlite_url)
    place = open_artifacts(str(tmp_path / "home" / "artifacts"))
    run, _ = finished(store, stored(place, tmp_path))
    store.close()

    counts = command.json("reanalyze", run.run_id, "--json")
    again = command("reanalyze", run.name)

    assert counts == {
        "run_id": run.run_id,
        "reanalysed": 1,
        "current": 0,
        "without_keypoints": 0,
    }
    assert again.returncode == 0
    assert "1 up to date" in again.stdout


def test_numbers_of_an_older_analysis_say_so_until_they_are_renewed(
    sqlite_url: str, tmp_path: Path
) -> None:
    command = Command(home=tmp_path / "home", environment={"POSEBATCH_STORE_URL": sqlite_url})
    place = open_artifacts(str(tmp_path / "home" / "artifacts"))
    with closing(open_store(sqlite_url)) as store:
        run, job_id = finished(store, stored(place, tmp_path))
    remark = f"measured by an older analysis (new numbers: `posebatch reanalyze {run.run_id}`)"
    commands = (("results",), ("results", "--format", "csv"), ("show", job_id))

    for words in commands:
        assert remark in command(*words).stdout
    assert f"\n{remark}: 1 of 1 videos\n" in command("results").stdout

    assert command("reanalyze", run.run_id).returncode == 0
    for words in commands:
        assert remark not in command(*words).stdout
