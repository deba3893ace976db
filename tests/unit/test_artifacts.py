"""Artifacts appear whole or not at all, and orphans are swept."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path

import pytest

from posebatch_shared.artifacts import ArtifactStore, open_artifact, open_artifacts
from posebatch_shared.errors import ArtifactsUnavailable, DiskFull


@pytest.fixture(params=["folder", "remote"])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    if request.param == "folder":
        return open_artifacts(str(tmp_path / "a folder"))
    return open_artifacts(f"memory://{uuid.uuid4().hex}")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "local.bin"
    path.write_bytes(b"poses" * 1000)
    return path


def test_what_is_put_can_be_opened_by_its_address(artifacts: ArtifactStore, clip: Path) -> None:
    uri = artifacts.put(clip, "abc äö.parquet")
    with open_artifact(uri) as file:
        assert file.read() == clip.read_bytes()
    assert artifacts.put(clip, "abc äö.parquet") == uri, "again is the same"


def test_a_missing_artifact_is_named(artifacts: ArtifactStore, clip: Path) -> None:
    uri = artifacts.put(clip, "abc.parquet")
    with pytest.raises(ArtifactsUnavailable, match="xyz"):
        open_artifact(uri.replace("abc", "xyz"))


def name(content: str, token: int = 1, kind: str = "keypoints.parquet") -> str:
    """As workers name files."""
    return f"{content * 16}-{'e' * 16}-{token}.{kind}"


def test_sweep_removes_old_files_that_the_ledger_does_not_know(
    artifacts: ArtifactStore, clip: Path
) -> None:
    kept, orphan = (
        artifacts.put(clip, name("a")),
        artifacts.put(clip, name("b", kind="overlay.mp4")),
    )
    assert artifacts.sweep(lambda names: {name("a")}, older_than_seconds=3600) == 0, "too young"
    assert artifacts.sweep(lambda names: {name("a")}, older_than_seconds=-1) == 1
    with open_artifact(kept) as file:
        assert file.read(5) == b"poses"
    with pytest.raises(ArtifactsUnavailable):
        open_artifact(orphan)


def test_sweep_leaves_alone_what_is_not_ours(artifacts: ArtifactStore, clip: Path) -> None:
    """An archive may lie beside the results."""
    others = [artifacts.put(clip, other) for other in ("jump.mp4", "clip.keypoints.parquet", "ab")]
    assert artifacts.sweep(lambda names: (), older_than_seconds=-1) == 0
    for other in others:
        open_artifact(other).close()


def test_what_goes_while_a_sweep_looks_does_not_end_it(tmp_path: Path, clip: Path) -> None:
    """As a copy that was just being written does; here a link to nothing is there and is not."""
    store = open_artifacts(str(tmp_path / "out"))
    store.put(clip, name("a"))
    (tmp_path / f"out/aa/{name('a', 2)}").symlink_to(tmp_path / "gone")
    assert store.sweep(lambda names: (), older_than_seconds=-1) == 1


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


def test_a_half_written_copy_of_a_dead_process_is_swept(tmp_path: Path, clip: Path) -> None:
    store = open_artifacts(str(tmp_path / "out"))
    store.put(clip, name("a"))
    (tmp_path / f"out/aa/.{name('a')}.0123abcd.partial").write_bytes(b"half")
    assert store.sweep(lambda names: {name("a")}, older_than_seconds=-1) == 1
    assert [path.name for path in (tmp_path / "out/aa").iterdir()] == [name("a")]
