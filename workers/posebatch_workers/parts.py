"""Tracking a clip in parts of equal video time, so that a long one can be carried on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Protocol

from posebatch_shared.poses import FramePoses
from posebatch_shared.results import VideoInfo
from posebatch_workers.checkpoint import Checkpoint
from posebatch_workers.coarse_to_fine import look_then_look_closely
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
    dense: bool,
    checkpoint: Checkpoint,
    progress: Progress,
    timer: StageTimer,
) -> list[FramePoses]:
    """An answer for every frame; unless `dense`, those in which nobody moves are passed over, where
    the tracker can go back to look closer.

    The tracker forgets at the start of a part, resumed or not, so that an interrupted clip ends
    with the same bytes as one that was not. Errors: those of both, DiskFull.
    """
    is_long = video.info.duration_seconds > SHORT_SECONDS
    parts = checkpoint.load() if is_long else []
    tracked = sum(map(len, parts))
    way = _every_frame if dense or not tracker.any_order else _where_it_moves
    for number, frames in _parts(
        _awaited(video.batches(), timer), checkpoint.part_seconds, is_long=is_long
    ):
        if number < len(parts):
            continue
        tracker.begin(video.info, timer)
        watched = _watched(frames, progress, tracked, video.info.frames)
        part = way(watched, tracker, video.info)
        tracked += len(part)
        parts.append(part)
        if is_long:
            checkpoint.save(number, part)
    return [poses for part in parts for poses in part]


Batches = Iterator[Sequence[Frame]]


def _every_frame(batches: Batches, tracker: Tracker, _: VideoInfo) -> list[FramePoses]:
    return [poses for frames in batches for poses in tracker.track(frames)] + tracker.end()


def _where_it_moves(batches: Batches, tracker: Tracker, info: VideoInfo) -> list[FramePoses]:
    return list(
        look_then_look_closely(
            (frame for frames in batches for frame in frames),
            lambda frame: tracker.track([frame])[0],
            skeleton=tracker.skeleton,
            aspect=info.width / info.height,
        )
    )


def _watched(batches: Batches, progress: Progress, before: int, total: int | None) -> Batches:
    """The batches; each is reported when the next one is asked for."""
    for frames in batches:
        yield frames
        before += len(frames)
        progress.advance(before, total)


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
