"""What is away for every clip is told apart from what is wrong with one."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.errors import (
    DecoderCrashed,
    DecoderUnusable,
    DeviceUnavailable,
    DiskFull,
    FileNotFound,
    FileUnreadable,
    ModelCorrupt,
    ModelMissing,
    NotAVideo,
    PosebatchError,
    RootUnavailable,
    SystemFailure,
    UnknownTracker,
)
from posebatch_shared.jobs import TrackOptions, VideoRef
from posebatch_workers.outages import Outage, Outages
from posebatch_workers.surroundings import Surroundings

VIDEO = VideoRef(root="archive", path="2024/clip.mp4", size_bytes=1, mtime_ns=1)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "archive/2024").mkdir(parents=True)
    return tmp_path / "archive"


def surroundings(folder: Path, mounts: Mapping[str, str]) -> Surroundings:
    return Surroundings(
        mounts=mounts,
        artifacts=open_artifacts(str(folder / "artifacts")),
        scratch=folder / "scratch",
        prove_reading=lambda: None,
        prove_tracking=lambda _: None,
    )


@pytest.fixture
def around(archive: Path, tmp_path: Path) -> Surroundings:
    return surroundings(tmp_path, {"archive": str(archive)})


@pytest.fixture
def outages(around: Surroundings, tmp_path: Path) -> Outages:
    return Outages(around, stop_file=tmp_path / "stop", pause_seconds=20, look_seconds=2)


def met(outages: Outages, error: Exception) -> BaseException:
    """What leaves the block in which this is raised."""
    with pytest.raises(Exception) as caught, outages.told_apart(VIDEO, TrackOptions()):
        raise error
    return caught.value


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("posebatch_workers.outages.time", clock)
    return clock


class Clock:
    """Time goes by only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def waited(outages: Outages, clock: Clock) -> float:
    before = clock.now
    outages.wait()
    return clock.now - before


@pytest.mark.parametrize(
    "error",
    [
        FileNotFound("gone"),
        FileUnreadable("EIO"),
        DiskFull("full"),
        OSError(5, "EIO"),
        DecoderCrashed("SIGSEGV"),
    ],
)
def test_an_error_of_one_clip_goes_on_as_it_is(
    outages: Outages, clock: Clock, error: Exception
) -> None:
    assert met(outages, error) is error
    assert not outages.is_one
    assert waited(outages, clock) == 0, "nothing to wait for"


@pytest.mark.parametrize("error", [FileNotFound("clip.mp4"), OSError(5, "EIO")])
def test_an_archive_that_is_gone_is_an_outage_until_it_is_back(
    outages: Outages, archive: Path, clock: Clock, error: Exception
) -> None:
    archive.rename(archive.with_name("elsewhere"))
    outage = met(outages, error)
    assert isinstance(outage, Outage)
    assert isinstance(outage.away, RootUnavailable)
    assert outages.is_one
    assert waited(outages, clock) == 20, "still away: the next job tells"
    assert not outages.is_one

    met(outages, FileNotFound("clip.mp4"))
    archive.with_name("elsewhere").rename(archive)
    assert waited(outages, clock) == 2


def test_an_error_of_the_clips_own_bytes_asks_for_nothing(outages: Outages, archive: Path) -> None:
    archive.rename(archive.with_name("elsewhere"))
    error = NotAVideo("text")
    assert met(outages, error) is error


def test_a_worker_that_is_to_stop_does_not_wait(
    outages: Outages, archive: Path, tmp_path: Path, clock: Clock
) -> None:
    archive.rename(archive.with_name("elsewhere"))
    met(outages, FileNotFound("clip.mp4"))
    (tmp_path / "stop").touch()
    assert waited(outages, clock) == 0


def test_a_machine_that_can_read_no_clip_is_at_fault_and_not_each_of_them(
    around: Surroundings, tmp_path: Path
) -> None:
    def broken() -> None:
        raise DecoderUnusable("TypeError")

    blind = replace(around, prove_reading=broken)
    outage = met(Outages(blind, stop_file=tmp_path / "stop"), DecoderCrashed("TypeError"))
    assert isinstance(outage, Outage)
    assert isinstance(outage.away, DecoderUnusable)


@pytest.mark.parametrize(
    "error",
    [
        ModelMissing("a.onnx"),
        ModelCorrupt("a.onnx"),
        DeviceUnavailable("no CUDA"),
        UnknownTracker("of a later version"),
    ],
)
def test_a_tracker_that_this_machine_lacks_is_waited_for(
    around: Surroundings, tmp_path: Path, clock: Clock, error: PosebatchError
) -> None:
    """Else the worker without it would be the fastest, and end every job of the run."""
    asked: list[TrackOptions] = []

    def lacking(options: TrackOptions) -> None:
        asked.append(options)
        if len(asked) < 3:
            raise error

    outages = Outages(replace(around, prove_tracking=lacking), stop_file=tmp_path / "stop")
    outage = met(outages, error)
    assert isinstance(outage, Outage)
    assert outage.away is error
    assert waited(outages, clock) == 4, "it is there when asked for the third time"
    assert asked == [TrackOptions()] * 3


def away(around: Surroundings) -> PosebatchError:
    with pytest.raises(PosebatchError) as caught:
        around.check(VIDEO, TrackOptions())
    return caught.value


def test_an_empty_mount_point_is_named(around: Surroundings, archive: Path) -> None:
    around.check(VIDEO, TrackOptions())
    (archive / "2024").rmdir()
    assert isinstance(away(around), RootUnavailable)
    assert str(away(around)) == f"{archive} is empty; is it mounted?"


def test_a_file_system_that_clips_came_from_is_missed(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine whose only root is all of it, and whose archive was mounted in between."""
    around = surroundings(tmp_path, {"archive": "/"})
    video = VideoRef(root="archive", path=str(archive / "clip.mp4")[1:], size_bytes=1, mtime_ns=1)
    real = Path.is_mount
    monkeypatch.setattr(Path, "is_mount", lambda path: path == archive or real(path))
    around.note(archive / "clip.mp4")
    around.check(video, TrackOptions())

    monkeypatch.setattr(Path, "is_mount", real)
    with pytest.raises(RootUnavailable, match="nothing is mounted at"):
        around.check(video, TrackOptions())
    around.check(replace(video, path=str(tmp_path / "elsewhere.mp4")[1:]), TrackOptions())


def test_a_root_that_this_machine_does_not_name_is_missed(tmp_path: Path) -> None:
    """Else a worker with a wrong setting would end the jobs of those with the right one."""
    missed = away(surroundings(tmp_path, {"videos": str(tmp_path)}))
    assert str(missed) == "POSEBATCH_ROOTS names no 'archive' on this machine"
    assert isinstance(missed, RootUnavailable)


def test_a_bucket_that_is_gone_is_missed(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/outages/2024/clip.mp4", b"1")
    around = surroundings(tmp_path, {"archive": "memory://outages"})
    around.check(VIDEO, TrackOptions())
    memory.rm("/outages", recursive=True)
    assert isinstance(away(around), RootUnavailable)


@pytest.mark.parametrize("folder", ["artifacts", "scratch"])
def test_a_full_disk_is_found_wherever_a_job_writes(
    around: Surroundings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    full = (tmp_path / folder).resolve()

    def fsync(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(full):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    assert isinstance(away(around), DiskFull)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "scratch").write_text("a file where a folder should be")
    found = away(surroundings(tmp_path, {"archive": str(archive)}))
    assert isinstance(found, SystemFailure)
    assert "scratch" in str(found)
