"""What every job of this machine needs beside its clip: archives, room, a decoder, a tracker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from posebatch_shared.artifacts import ArtifactStore
from posebatch_shared.errors import RootUnavailable, SystemFailure
from posebatch_shared.file_names import on_disk
from posebatch_shared.jobs import TrackOptions, VideoRef
from posebatch_shared.storage import check_room, check_root, is_remote, storage_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Asked without any clip, and only once a job has met an error that may come from here."""

    mounts: Mapping[str, str]
    artifacts: ArtifactStore
    scratch: Path  #: what jobs write to on the way
    prove_reading: Callable[[], None]  #: raises DecoderUnusable
    prove_tracking: Callable[[TrackOptions], object]  #: raises what a tracker's start does
    _seen: set[Path] = field(default_factory=set)  #: mount points that clips have come from

    def note(self, path: Path) -> None:
        """A clip was opened here, so what it lies on is mounted."""
        if point := _mount_point(path):
            self._seen.add(point)

    def check(self, video: VideoRef, options: TrackOptions) -> None:
        """Pass if a clip like this one could be worked on.

        Errors: ModelMissing, ModelCorrupt, DeviceUnavailable, RootUnavailable,
        ArtifactsUnavailable, DiskFull, SystemFailure, DecoderUnusable.
        """
        self.prove_tracking(options)
        self._check_root(video)
        self.artifacts.check()
        check_room(self.scratch, SystemFailure)
        self.prove_reading()

    def _check_root(self, video: VideoRef) -> None:
        mount = self.mounts.get(video.root)
        if mount is None:
            raise RootUnavailable(f"POSEBATCH_ROOTS names no {video.root!r} on this machine")
        check_root(mount)
        if not is_remote(mount):
            with storage_errors(mount, RootUnavailable):
                self._check_mount_points((Path(mount) / on_disk(video.path)).resolve())

    def _check_mount_points(self, path: Path) -> None:
        for point in self._seen:
            if path.is_relative_to(point) and not point.is_mount():
                raise RootUnavailable(f"nothing is mounted at {point} any more")


def _mount_point(path: Path) -> Path | None:
    """Where the file system that holds it is mounted; None for the machine's own."""
    point = next(parent for parent in path.parents if parent.is_mount())
    return None if point == point.parent else point
