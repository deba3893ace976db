"""`posebatch delete`: the ledger first, then the files; what is interrupted can be done again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from command import Command
from ledgers import add_run, complete, jobs_of, must_claim, result
from posebatch_producer.deletion import delete_runs, find_deletion, find_runs
from posebatch_shared.artifacts import FolderArtifacts, open_artifacts
from posebatch_shared.errors import ArtifactsUnavailable
from posebatch_shared.jobs import Run
from posebatch_shared.results import Artifacts
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.store import Store
from posebatch_workers.orphans import sweep_orphans


@pytest.fixture
def settings(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path))
    return load_settings()


def done(store: Store, settings: Settings, *contents: str, name: str = "night") -> Run:
    """A run of videos with these contents, each with keypoints of 1000 bytes."""
    run = add_run(store, len(contents), name=name)
    for job, content in zip(jobs_of(store, run), contents, strict=True):
        file = settings.home / "keypoints"
        file.write_bytes(bytes(1000))
        name = f"{content[:16]}-{'e' * 16}-{job.job_id}.keypoints.parquet"
        uri = open_artifacts(settings.resolved_artifacts_url).put(file, name)
        os.utime(uri.removeprefix("file://"), (0, 0))
        complete(
            store,
            must_claim(store, job.job_id),
            result(content, artifacts=Artifacts(keypoints=uri)),
        )
    return run


def left(settings: Settings) -> int:
    return len(list(Path(settings.resolved_artifacts_url).glob("*/*")))


def test_a_run_goes_with_its_files(store: Store, settings: Settings) -> None:
    run, other = done(store, settings, "a" * 64, "b" * 64), done(store, settings, "c" * 64)
    would = find_deletion(find_runs([str(run.run_id), "1"]))
    assert left(settings) == 3
    gone = delete_runs([run])
    assert gone == {**would, "deleted": True}
    assert (gone["jobs"], gone["results"], gone["files"], gone["bytes"]) == (2, 2, 2, 2000)
    assert left(settings) == 1
    assert len(jobs_of(store, other)) == 1


def test_two_at_once_delete_no_other_run(store: Store, settings: Settings) -> None:
    run = done(store, settings, "a" * 64)
    other = done(store, settings, "b" * 64, name=str(run.run_id))
    assert delete_runs([run])["jobs"] == 1
    assert delete_runs([run])["jobs"] == 0  # a second command that had asked before
    with store.unit_of_work() as uow:
        assert uow.runs.get(other.run_id) == other
        assert [event.kind for event in uow.events.list()].count("run_deleted") == 1


def test_only_files_that_are_there_are_counted(store: Store, settings: Settings) -> None:
    run = done(store, settings, "a" * 64, "b" * 64)
    next(Path(settings.resolved_artifacts_url).glob("aa/*")).unlink()
    for counts in (find_deletion([run]), delete_runs([run])):
        assert (counts["results"], counts["files"], counts["bytes"]) == (2, 1, 1000)


def test_what_was_interrupted_is_done_again_and_its_files_are_swept(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As killed between the ledger and the files."""
    run = done(store, settings, "a" * 64)

    def killed(*_: Any) -> int:
        raise ArtifactsUnavailable("gone")

    with monkeypatch.context() as patch, pytest.raises(ArtifactsUnavailable):
        patch.setattr(FolderArtifacts, "remove", killed)
        delete_runs([run])
    assert left(settings) == 1
    assert delete_runs([run])["jobs"] == 0
    with store.unit_of_work() as uow:
        assert uow.runs.get(run.run_id) is None
    assert sweep_orphans(settings) == (1, 0)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_command(store: Store, settings: Settings, tmp_path: Path) -> None:
    done(store, settings, "a" * 64)
    waiting = add_run(store, name="waits")
    command = Command(home=tmp_path)
    assert command.json("delete", "night", "--dry-run", "--json")["bytes"] == 1000
    unasked = command("delete", "night")
    assert (unasked.returncode, "say --yes" in unasked.stderr) == (2, True)
    refused = command("delete", "night", "waits", "--yes")
    assert refused.returncode == 2
    assert f"run {waiting.run_id}: 1 jobs have not ended" in refused.stderr
    assert left(settings) == 1
    said = command("delete", "night", "--yes").stdout
    assert said == "deleted run 1 · night: 1 jobs, 1 results, 1 files (0.0 MB)\n"
    assert left(settings) == 0
