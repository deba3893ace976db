"""`delete` takes a run with all that only it had, and files only once no result names them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from command import Command
from ledgers import add_run, complete, jobs_of, must_claim, result
from posebatch_producer.delete import deletable, delete_run
from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import Run
from posebatch_shared.results import Artifacts
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.store import Store
from posebatch_shared.store.forgetting import Forgetting


@pytest.fixture
def settings(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    return load_settings()


@pytest.fixture
def two_runs(store: Store, settings: Settings, tmp_path: Path) -> Iterator[tuple[Run, Run]]:
    """One with contents 0 and 1, one with 1 and 2; each result has its keypoints."""
    (tmp_path / "file").write_bytes(b"keypoints")
    artifacts = open_artifacts(settings.resolved_artifacts_url)
    runs = add_run(store, 2), add_run(store, 2, name="trial")
    for run, contents in zip(runs, ((0, 1), (1, 2)), strict=True):
        for job, content in zip(jobs_of(store, run), contents, strict=True):
            name = f"{content:016x}-{'e' * 16}-1.keypoints.parquet"
            uri = artifacts.put(tmp_path / "file", name)
            outcome = result(
                f"{content:016x}" + "0" * 48, artifacts=Artifacts(keypoints=uri), cache_hit=False
            )
            complete(store, must_claim(store, job.job_id), outcome)
    yield runs


def files(settings: Settings) -> list[int]:
    """The contents whose keypoints are there."""
    folder = Path(settings.resolved_artifacts_url)
    return sorted(int(path.name[:16], 16) for path in folder.glob("??/*"))


def test_files_that_another_run_has_stay(settings: Settings, two_runs: tuple[Run, Run]) -> None:
    stranger = Path(settings.resolved_artifacts_url) / f"ff/{'f' * 16}-{'e' * 16}-9.overlay.mp4"
    stranger.parent.mkdir()
    stranger.touch()
    gone = delete_run(two_runs[1], settings)
    assert (gone.jobs, gone.files) == (2, 1)
    assert stranger.exists(), "nobody knows it, but it was not this run's"
    stranger.unlink()
    assert files(settings) == [0, 1]
    assert delete_run(two_runs[0], settings).files == 2
    assert files(settings) == []


def test_who_is_killed_on_the_way_gives_the_command_again(
    settings: Settings, two_runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Forgetting, "run", killed)
        with pytest.raises(KeyboardInterrupt):
            delete_run(two_runs[1], settings)
    assert files(settings) == [0, 1, 2], "files go last"
    run, jobs = deletable("trial", settings)
    assert jobs == 0
    delete_run(run, settings)
    with pytest.raises(UsageError, match="no run 'trial'"):
        deletable("trial", settings)


def test_the_command_asks_first_and_refuses_what_has_not_ended(
    store: Store, store_url: str, two_runs: tuple[Run, Run], tmp_path: Path
) -> None:
    waits = add_run(store, name="waits")
    command = Command(
        home=tmp_path / "home",
        environment={"POSEBATCH_STORE_URL": store_url, "COLUMNS": "200"},
    )
    refused = command("delete", "waits", "--yes")
    assert refused.returncode == 2
    assert f"has not ended; `posebatch cancel {waits.run_id}` ends it" in refused.stderr
    asked = command("delete", "trial")
    assert asked.returncode == 1
    assert "trial, 2 jobs?" in asked.stderr
    gone = command.json("delete", "trial", "--yes", "--json")
    assert gone == {"run_id": two_runs[1].run_id, "jobs": 2, "files": 1}
    with store.unit_of_work() as uow:
        assert [run.name for run in uow.runs.list()] == ["waits", "night"]
        assert [event.detail for event in uow.events.list() if event.kind == "run_deleted"] == [
            {"run": two_runs[1].run_id, "name": "trial", "jobs": 2, "files": 1}
        ]
