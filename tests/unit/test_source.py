"""A worker opens only the file that was submitted, and only inside its root."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from posebatch_producer.archive import scan
from posebatch_shared.errors import (
    EmptyFile,
    FileChanged,
    FileNotFound,
    NotAVideo,
    PathOutsideRoot,
)
from posebatch_shared.jobs import VideoRef
from posebatch_workers.source import content_hash, local_file
from posebatch_workers.timing import StageTimer


def reference(path: Path, relative: str) -> VideoRef:
    found = path.stat()
    return VideoRef(root="r", path=relative, size_bytes=found.st_size, mtime_ns=found.st_mtime_ns)


def opened(video: VideoRef, mounts: Mapping[str, str]) -> AbstractContextManager[Path]:
    return local_file(video, mounts, scratch=Path(tempfile.gettempdir()), timer=StageTimer())


def test_the_file_is_found_and_hashed(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"frames")
    with opened(reference(clip, "clip.mp4"), {"r": str(tmp_path)}) as path:
        assert content_hash(path) == hashlib.sha256(b"frames").hexdigest()


def test_a_link_that_leaves_the_root_is_refused(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "secret.mp4"
    root.mkdir()
    outside.write_bytes(b"x")
    (root / "link.mp4").symlink_to(outside)
    for relative in ("link.mp4", "../secret.mp4"):
        with (
            pytest.raises(PathOutsideRoot),
            opened(reference(outside, relative), {"r": str(root)}),
        ):
            pass


def test_a_file_that_changed_since_submission_is_refused(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"frames")
    ref = reference(clip, "clip.mp4")
    clip.write_bytes(b"other frames")
    with pytest.raises(FileChanged), opened(ref, {"r": str(tmp_path)}):
        pass


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"frames")
    ref = reference(clip, "clip.mp4")
    with pytest.raises(FileChanged), opened(ref, {"r": str(tmp_path)}) as path:
        path.write_bytes(b"frames, and what is still being copied")


def test_a_file_that_is_gone_once_it_is_read_has_been_read(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"frames")
    with opened(reference(clip, "clip.mp4"), {"r": str(tmp_path)}) as path:
        path.unlink()


def test_missing_empty_and_special_files_have_their_own_errors(tmp_path: Path) -> None:
    mounts = {"r": str(tmp_path)}
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(EmptyFile), opened(reference(empty, "empty.mp4"), mounts):
        pass
    gone = VideoRef(root="r", path="gone.mp4", size_bytes=1, mtime_ns=1)
    with pytest.raises(FileNotFound), opened(gone, mounts):
        pass
    (tmp_path / "folder.mp4").mkdir()
    folder = VideoRef(root="r", path="folder.mp4", size_bytes=1, mtime_ns=1)
    with pytest.raises(NotAVideo), opened(folder, mounts):
        pass
    with pytest.raises(FileNotFound, match="not mapped"), opened(gone, {}):
        pass


def test_a_remote_root_is_fetched(tmp_path: Path) -> None:
    import fsspec

    fsspec.filesystem("memory").pipe("/store/clip.mp4", b"12345")
    ref = VideoRef(root="cloud", path="clip.mp4", size_bytes=5, mtime_ns=0)
    with opened(ref, {"cloud": "memory://store"}) as path:
        assert path.read_bytes() == b"12345"
    assert not path.exists()


def test_a_remote_file_is_found_under_the_name_that_was_scanned(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xdcbung.mp4")).write_bytes(b"clip")
    mounts = {"nas": f"file://{tmp_path}"}
    (ref,) = scan([mounts["nas"]], mounts)

    with opened(ref, mounts) as path:
        assert path.read_bytes() == b"clip"
    assert ref.path.encode()


def test_a_file_of_the_machine_is_called_by_its_whole_path(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.touch()
    (video,) = scan([str(clip)], {"local": "/"})
    with pytest.raises(EmptyFile) as refused, opened(video, {"local": "/"}):
        pass
    assert str(refused.value) == f"{clip} has no bytes"
