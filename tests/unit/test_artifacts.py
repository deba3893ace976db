"""Artifacts appear whole or not at all, and orphans are swept."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import uuid
from pathlib import Path

import pytest

from posebatch_shared.artifact_addresses import find_artifact
from posebatch_shared.artifacts import ArtifactStore, open_artifact, open_artifacts
from posebatch_shared.errors import ArtifactsUnavailable, DiskFull, NotInstalled, UsageError
from posebatch_shared.storage import open_remote


@pytest.fixture(params=["folder", "remote"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "a folder") if request.param == "folder" else f"memory://{uuid.uuid4()}"


@pytest.fixture
def artifacts(url: str) -> ArtifactStore:
    return open_artifacts(url)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "local.bin"
    path.write_bytes(b"poses" * 1000)
    return path


def test_what_is_put_can_be_opened_by_its_address(
    artifacts: ArtifactStore, url: str, clip: Path
) -> None:
    uri = artifacts.put(clip, "abc äö.parquet")
    with open_artifact(uri, url) as file:
        assert file.read() == clip.read_bytes()
    assert artifacts.put(clip, "abc äö.parquet") == uri, "again is the same"


def test_a_missing_artifact_is_named(artifacts: ArtifactStore, url: str, clip: Path) -> None:
    uri = artifacts.put(clip, "abc.parquet")
    with pytest.raises(ArtifactsUnavailable, match="xyz"):
        open_artifact(uri.replace("abc", "xyz"), url)


def test_what_has_moved_is_found_by_its_name(
    artifacts: ArtifactStore, clip: Path, tmp_path: Path
) -> None:
    uri = artifacts.put(clip, name("a"))
    shutil.rmtree(tmp_path / "a folder", ignore_errors=True)
    if uri.startswith("memory:"):
        open_remote(uri).files.rm(open_remote(uri).path)
    moved = str(tmp_path / "another disk")
    assert find_artifact(uri, moved) == uri, "nowhere"
    today = open_artifacts(moved).put(clip, name("a"))
    assert find_artifact(uri, moved) == today
    with open_artifact(uri, moved) as file:
        assert file.read() == clip.read_bytes()


def test_a_file_that_has_not_moved_is_looked_for_nowhere_else(
    artifacts: ArtifactStore, url: str, clip: Path, tmp_path: Path
) -> None:
    uri = artifacts.put(clip, name("a"))
    open_artifacts(str(tmp_path / "copy")).put(clip, name("a"))
    assert find_artifact(uri, str(tmp_path / "copy")) == uri
    assert find_artifact(uri, url) == uri


def test_what_has_moved_is_found_also_if_nobody_answers_at_the_old_place(
    clip: Path, tmp_path: Path
) -> None:
    """Such as a bucket that was given up, or whose library is not installed here."""
    today = open_artifacts(str(tmp_path / "disk")).put(clip, name("a"))
    assert find_artifact(f"gone://bucket/aa/{name('a')}", str(tmp_path / "disk")) == today


def name(content: str, token: int = 1, kind: str = "keypoints.parquet") -> str:
    """As workers name files."""
    return f"{content * 16}-{'e' * 16}-{token}.{kind}"


def test_sweep_removes_old_files_that_the_ledger_does_not_know(
    artifacts: ArtifactStore, url: str, clip: Path
) -> None:
    kept, orphan = (
        artifacts.put(clip, name("a")),
        artifacts.put(clip, name("b", kind="overlay.mp4")),
    )
    assert artifacts.sweep(lambda names: {name("a")}, older_than_seconds=3600) == 0, "too young"
    assert artifacts.sweep(lambda names: {name("a")}, older_than_seconds=-1) == 1
    with open_artifact(kept, url) as file:
        assert file.read(5) == b"poses"
    with pytest.raises(ArtifactsUnavailable):
        open_artifact(orphan, url)


def test_sweep_leaves_alone_what_is_not_ours(
    artifacts: ArtifactStore, url: str, clip: Path
) -> None:
    """An archive may lie beside the results."""
    others = [artifacts.put(clip, other) for other in ("jump.mp4", "clip.keypoints.parquet", "ab")]
    assert artifacts.sweep(lambda names: (), older_than_seconds=-1) == 0
    for other in others:
        open_artifact(other, url).close()


def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    folder = tmp_path / "out"
    with pytest.raises(DiskFull):
        open_artifacts(folder.as_uri()).put(clip, "name")
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_what_goes_away_during_a_sweep_does_not_end_it(
    artifacts: ArtifactStore, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half-written files get their names meanwhile, and other workers sweep too."""
    monkeypatch.setattr("posebatch_shared.artifact_sweep._SWEEP_BATCH", 1)
    for token in (1, 2):
        artifacts.put(clip, name("b", token))
    swept = []

    def known(_: object) -> tuple[()]:
        if not swept:
            swept.append(artifacts.sweep(lambda names: (), older_than_seconds=-1))
        return ()

    assert artifacts.sweep(known, older_than_seconds=-1) == 0
    assert swept == [2]


def test_an_address_that_nothing_here_reaches_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(NotInstalled, match=r"gs://bucket: .*gcsfs"):
        open_artifacts("gs://bucket")
    with pytest.raises(UsageError, match="nothing://there: "):
        open_artifacts("nothing://there")


def test_a_half_written_copy_of_a_dead_process_is_swept(tmp_path: Path, clip: Path) -> None:
    store = open_artifacts(str(tmp_path / "out"))
    store.put(clip, name("a"))
    (tmp_path / f"out/aa/.{name('a')}.0123abcd.partial").write_bytes(b"half")
    assert store.sweep(lambda names: {name("a")}, older_than_seconds=-1) == 1
    assert [path.name for path in (tmp_path / "out/aa").iterdir()] == [name("a")]
