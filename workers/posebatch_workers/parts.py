"""Tracking a clip in parts of equal video time, so that a long one can be carried on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Protocol

from posebatch_shared.poses import FramePoses
from posebatch_shared.results import VideoInfo
from posebatch_workers.checkpoint import Checkpoint
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import Tracker
from posebatch_workers.video.frames import Frame
from posebatch_workers.video.ports import Pictures

#: Clips up to this length are one part: they cost less to repeat than to keep.
SHORT_SECONDS = 60.0


class Progress(Protocol):
    """Told after every batch of frames; raises when the job is no longer ours to finish."""

    def advance(self, frames_done: int, frames_total: int | None) -> None: ...


def track_video(
    video: Pictures,
    tracker: Tracker,
    *,
    checkpoint: Checkpoint,
    part_seconds: float,
    progress: Progress,
    timer: StageTimer,
) -> list[FramePoses]:
    """Poses of every frame. The tracker forgets at the start of a part, resumed or not, so that an
    interrupted clip ends with the same bytes as one that was not. Errors: those of both, DiskFull.
    """
    is_long = video.info.duration_seconds > SHORT_SECONDS
    parts = checkpoint.load() if is_long else []
    tracked = sum(map(len, parts))
    for number, frames in _parts(_awaited(video.batches(), timer), part_seconds, is_long=is_long):
        if number < len(parts):
            continue
        part = _track_part(frames, tracker, video.info, tracked, progress, timer)
        tracked += len(part)
        parts.append(part)
        if is_long:
            checkpoint.save(number, part)
    return [poses for part in parts for poses in part]


def _track_part(
    batches: Iterator[Sequence[Frame]],
    tracker: Tracker,
    info: VideoInfo,
    done_before: int,
    progress: Progress,
    timer: StageTimer,
) -> list[FramePoses]:
    tracker.begin(info, timer)
    poses: list[FramePoses] = []
    for frames in batches:
        poses += tracker.track(frames)
        progress.advance(done_before + len(poses), info.frames)
    return poses + tracker.end()


def _parts(
    batches: Iterator[Sequence[Frame]], part_seconds: float, *, is_long: bool
) -> Iterator[tuple[int, Iterator[Sequence[Frame]]]]:
    """Number of each part and its batches; a part must be read before the next is asked for."""
    pieces = (
        (number, list(frames))
        for batch in batches
        for number, frames in groupby(
            batch, lambda frame: int(frame.pts_seconds // part_seconds) if is_long else 0
        )
    )
    for order, (_, group) in enumerate(groupby(pieces, lambda piece: piece[0])):
        yield order, (frames for _, frames in group)


def _awaited(batches: Iterator[Sequence[Frame]], timer: StageTimer) -> Iterator[Sequence[Frame]]:
    """The batches, with the time that the tracker waits for the decoder booked."""
    while True:
        with timer.stage("wait_for_frames"):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch
