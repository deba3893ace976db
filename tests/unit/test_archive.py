"""Scanning turns files, folders and globs into each video once, under the right root."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path

import pytest

from posebatch_producer.archive import check_arguments, scan
from posebatch_shared.errors import FileNotFound, UsageError


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    for name in ("b/2.mov", "a/1.MP4", "a/notes.txt", ".hidden/3.mp4", "top.mkv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * len(name))
    return tmp_path


def paths(arguments: list[str], mounts: dict[str, str]) -> list[str]:
    return [ref.path for ref in scan(arguments, mounts)]


def test_a_folder_is_searched_deeply_in_name_order_for_videos_only(archive: Path) -> None:
    assert paths([str(archive)], {"r": str(archive)}) == ["a/1.MP4", "b/2.mov", "top.mkv"]


def test_clips_of_old_cameras_discs_and_programs_are_found(tmp_path: Path) -> None:
    names = ["disc/VTS_01_1.VOB", "export.wmv", "jvc.MOD", "minidv.dv", "nokia.3g2", "tv.ts"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\0\0\1\xba")
    assert paths([str(tmp_path)], {"r": str(tmp_path)}) == names


def test_source_code_is_not_taken_for_clips_of_cameras(tmp_path: Path) -> None:
    code = {"go.mod": "module club\n", "app.ts": "let a: number\n", "api.MTS": "// ä\n" * 3000}
    for name, text in code.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    clips = {"00001.MTS": b"\0\0\0\0G@\0\x10", "empty.ts": b"", "tape.mod": b"\0\0\1\xba"}
    for name, head in clips.items():
        (tmp_path / name).write_bytes(head)

    assert paths([str(tmp_path)], {"r": str(tmp_path)}) == sorted(clips)
    assert paths([str(tmp_path / "app.ts")], {"r": str(tmp_path)}) == ["app.ts"]


def test_a_clip_that_cannot_be_looked_at_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked.ts").write_text("words")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert paths([str(tmp_path)], {"r": str(tmp_path)}) == ["locked.ts"]


def test_a_file_named_by_hand_is_taken_whatever_its_suffix(archive: Path) -> None:
    assert paths([str(archive / "a/notes.txt")], {"r": str(archive)}) == ["a/notes.txt"]


def test_overlapping_arguments_give_each_video_once(archive: Path) -> None:
    arguments = [str(archive / "a"), str(archive / "*" / "*.MP4"), str(archive)]
    assert sorted(paths(arguments, {"r": str(archive)})) == ["a/1.MP4", "b/2.mov", "top.mkv"]


def test_the_deepest_root_wins_and_size_and_time_are_recorded(archive: Path) -> None:
    mounts = {"all": str(archive), "a": str(archive / "a")}
    (ref,) = scan([str(archive / "a" / "1.MP4")], mounts)
    found = (archive / "a" / "1.MP4").stat()
    assert (ref.root, ref.path) == ("a", "1.MP4")
    assert (ref.size_bytes, ref.mtime_ns) == (found.st_size, found.st_mtime_ns)


def test_a_path_under_no_root_is_refused(archive: Path) -> None:
    with pytest.raises(UsageError, match="none of the roots"):
        list(scan([str(archive)], {"other": "/nowhere"}))


def test_a_missing_argument_is_named_before_anything_starts(archive: Path) -> None:
    with pytest.raises(FileNotFound, match=r"absent\.mp4"):
        check_arguments([str(archive), "absent.mp4"])


def test_what_is_neither_file_nor_folder_is_passed_over(archive: Path) -> None:
    (archive / "dangling.mp4").symlink_to(archive / "nowhere.mp4")
    os.mkfifo(archive / "pipe.mp4")
    found = paths([str(archive / "*.m*")], {"r": str(archive)})
    assert found == ["top.mkv"]
    with pytest.raises(FileNotFound, match="dangling"):
        check_arguments([str(archive / "dangling.mp4")])
    assert paths([str(archive / "pipe.mp4")], {"r": str(archive)}) == []


def test_a_folder_that_cannot_be_read_is_named(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(UsageError, match=f"cannot read the folder {archive}: Permission denied"):
        paths([str(archive)], {"r": str(archive)})


@pytest.fixture
def bucket() -> str:
    """Address of a bucket of this test's own."""
    import fsspec

    name = uuid.uuid4().hex
    memory = fsspec.filesystem("memory")
    for path in ("x/1.mp4", "x/.hidden.mp4", "x/readme.md", "y/2.mov"):
        memory.pipe(f"/{name}/{path}", b"12345")
    return f"memory://{name}"


def test_a_bucket_is_listed_through_fsspec(bucket: str) -> None:
    (ref,) = scan([f"{bucket}/x"], {"cloud": bucket})
    assert (ref.root, ref.path, ref.size_bytes) == ("cloud", "x/1.mp4", 5)
    assert paths([f"{bucket}/*/*.m*"], {"cloud": bucket}) == ["x/1.mp4", "x/readme.md", "y/2.mov"]


def test_the_deepest_root_of_a_bucket_wins(bucket: str) -> None:
    mounts = {"all": bucket, "x": f"{bucket}/x/", "y": f"{bucket}/y", "disk": "/"}
    found = [(ref.root, ref.path) for ref in scan([bucket, f"{bucket}/x"], mounts)]
    assert found == [("all", "x/1.mp4"), ("all", "y/2.mov"), ("x", "1.mp4")]


def test_what_a_bucket_holds_is_not_asked_for_before_it_is_scanned(bucket: str) -> None:
    check_arguments([f"{bucket}/absent.mp4"])
    with pytest.raises(UsageError, match="lies under no root"):
        list(scan([f"{bucket}2"], {"cloud": bucket, "disk": "/"}))
