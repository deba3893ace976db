"""Files of results as commands find them: moved since, lost, unreadable."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from buckets import KEYS
from command import Command
from ledgers import add_run, complete, jobs_of, must_claim, result, video
from posebatch_producer.reading import read_job
from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.errors import ArtifactLost, ArtifactsUnavailable
from posebatch_shared.results import Artifacts
from posebatch_shared.store import open_store


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.unlink() or path.mkdir()])
def test_keypoints_that_cannot_be_read_are_left_out_of_an_export_and_named(
    sqlite_url: str, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    """And the others come, those of later jobs, too."""
    files = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    with closing(open_store(sqlite_url)) as store:
        for job, file in zip(jobs_of(store, add_run(store, 2)), files, strict=True):
            file.write_bytes(b"poses")
            artifacts = Artifacts(keypoints=file.as_uri())
            complete(store, must_claim(store, job.job_id), result(file.stem, artifacts=artifacts))
    spoil(files[0])
    command = Command(home=tmp_path / "home", environment={"POSEBATCH_STORE_URL": sqlite_url})

    done = command("export", "--to", tmp_path / "out")

    assert done.returncode == 3
    assert "keypoints of 1 videos" in done.stdout
    said, named = done.stderr.splitlines()
    assert said == f"keypoints of 1 videos cannot be read: {ArtifactLost.advice}"
    assert named.startswith(f"  {video(0).path}: {files[0].as_uri()}: ")
    (copied,) = (tmp_path / "out").glob("*.parquet")
    assert (copied.name, copied.read_bytes()) == ("2-000001.keypoints.parquet", b"poses")


def test_videos_of_one_name_in_two_roots_are_both_told(sqlite_url: str, tmp_path: Path) -> None:
    with closing(open_store(sqlite_url)) as store:
        run = add_run(store, 0)
        with store.unit_of_work() as uow:
            uow.jobs.add_many(run, [video(root="2024"), video(root="2025")])
            uow.commit()
        for job in jobs_of(store, run):
            artifacts = Artifacts(keypoints=(tmp_path / f"{job.video.root}.parquet").as_uri())
            outcome = result(f"c{job.job_id}", artifacts=artifacts)
            complete(store, must_claim(store, job.job_id), outcome)
    command = Command(home=tmp_path / "home", environment={"POSEBATCH_STORE_URL": sqlite_url})

    done = command("export", "--to", tmp_path / "out")

    assert "keypoints of 0 videos" in done.stdout
    assert [year in done.stderr for year in ("2024.parquet", "2025.parquet")] == [True, True]


def test_a_bucket_that_does_not_answer_is_not_asked_for_each_video(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Each would wait for it in vain."""
    with closing(open_store(sqlite_url)) as store:
        for job in jobs_of(store, add_run(store, 2)):
            artifacts = Artifacts(keypoints=f"s3://gone/{job.job_id}.parquet")
            outcome = result(f"c{job.job_id}", artifacts=artifacts)
            complete(store, must_claim(store, job.job_id), outcome)
    environment = {
        "POSEBATCH_STORE_URL": sqlite_url,
        "POSEBATCH_ARTIFACTS_URL": "s3://gone",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        **KEYS,
    }
    command = Command(home=tmp_path / "home", environment=environment)

    done = command("export", "--to", tmp_path / "out")

    assert done.returncode == 2
    said, advice = done.stderr.splitlines()
    assert said.startswith("error: s3://gone/1.parquet: ")
    assert advice == f"  {ArtifactsUnavailable.advice}"


def test_a_job_tells_where_its_files_lie_now(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSEBATCH_STORE_URL", sqlite_url)
    before, after = tmp_path / "before", tmp_path / "after"
    (tmp_path / "poses").touch()
    old = open_artifacts(str(before / "artifacts")).put(tmp_path / "poses", "abc.parquet")
    with closing(open_store(sqlite_url)) as store:
        (job,) = jobs_of(store, add_run(store))
        outcome = result(artifacts=Artifacts(keypoints=old))
        complete(store, must_claim(store, job.job_id), outcome)
    before.rename(after)
    monkeypatch.setenv("POSEBATCH_HOME", str(after))

    told = read_job(job.job_id)["artifacts"]

    assert told == {"keypoints": (after / "artifacts/ab/abc.parquet").as_uri(), "overlay": None}
