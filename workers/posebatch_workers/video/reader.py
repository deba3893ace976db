"""Reading one clip in this process: upright RGB frames and when a player shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, cycle
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from posebatch_shared.errors import VideoTooLarge
from posebatch_shared.results import StageTiming
from posebatch_workers.video.extent import measure
from posebatch_workers.video.files import open_file
from posebatch_workers.video.fitting import Fitting
from posebatch_workers.video.frames import Frame
from posebatch_workers.video.options import Limits, ReadOptions
from posebatch_workers.video.orientation import Pixels
from posebatch_workers.video.ports import OpenVideo, SourceOpener
from posebatch_workers.video.probing import build_probe
from posebatch_workers.video.starting import start
from posebatch_workers.video.verdict import check_end, check_errors, nothing_came

__all__ = ["Limits", "LocalVideo", "OpenVideo", "ReadOptions", "SourceOpener", "open_video"]


class LocalVideo:
    """An OpenVideo over a file descriptor, decoded by the thread that asks."""

    def __init__(self, fd: int, options: ReadOptions) -> None:
        self._spent = {"probe": [0.0, 1], "decode": [0.0, 0], "convert": [0.0, 0]}
        started = perf_counter()
        extent = measure(fd)
        self._options, self._source = options, start(fd, extent, options)
        self._clock, self._decoder = self._source.clock, self._source.decoder
        self.frames_read, self._frames_seen = 0, 0
        if self._source.first is None:
            raise nothing_came(self._decoder.errors, self._source.declared_seconds)
        self.probe = build_probe(self._source, extent)
        self.info = self.probe.video_info()
        if self.probe.fps > options.limits.max_fps:
            raise VideoTooLarge(f"{self.probe.fps:.0f} frames per second")
        self._converter = Fitting(options, self._source.stream, self._source.first)
        self._spent["probe"][0] = perf_counter() - started

    @property
    def decode_errors(self) -> int:
        return self._decoder.errors

    @property
    def frame_shape(self) -> tuple[int, int, int]:
        """(height, width, 3) of every frame that is handed out."""
        return self._converter.height, self._converter.width, 3

    def batches(self) -> Iterator[Sequence[Frame]]:
        size = self._options.batch_frames
        slots = cycle(np.empty((size, *self.frame_shape), np.uint8))
        batch: list[Frame] = []
        for frame in self.frames(lambda: next(slots)):
            batch.append(frame)
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch

    def frames(self, next_slot: Callable[[], Pixels]) -> Iterator[Frame]:
        """Every frame asked for, its pixels written to the array that `next_slot` gives."""
        for index, seconds, picture in self._wanted():
            slot = next_slot()
            started = perf_counter()
            self._converter.convert(picture, slot)
            self._book("convert", started)
            self.frames_read += 1
            yield Frame(frame_index=index, pts_seconds=seconds, pixels=slot)
        self._check_whole()

    def timings(self) -> tuple[StageTiming, ...]:
        rows = [
            StageTiming(stage=stage, parent="decoder", seconds=seconds, calls=int(calls))
            for stage, (seconds, calls) in self._spent.items()
        ]
        total = sum(row.seconds for row in rows)
        return (StageTiming(stage="decoder", parent=None, seconds=total, calls=1), *rows)

    def close(self) -> None:
        """Close the container; the file descriptor stays the caller's."""
        self._source.container.close()

    def _wanted(self) -> Iterator[tuple[int, float, Any]]:
        """Index, time and picture of the frames in range, every `stride`-th of them."""
        start_at = (self._options.start_seconds or 0.0) - 1e-6
        end_at = self._options.end_seconds
        for picture in self._pictures():
            seconds = self._clock.advance(picture.pts)
            if seconds is None or seconds < start_at:
                continue
            if end_at is not None and seconds >= end_at - 1e-6:
                return
            self._check_sane(seconds)
            index, self._frames_seen = self._frames_seen, self._frames_seen + 1
            if index % self._options.stride == 0:
                yield index, seconds, picture

    def _pictures(self) -> Iterator[Any]:
        pictures = chain((self._source.first,), self._source.rest)
        while True:
            started = perf_counter()
            picture = next(pictures, None)
            self._book("decode", started)
            if picture is None:
                return
            yield picture

    def _check_sane(self, seconds: float) -> None:
        if seconds > self._options.limits.max_duration_seconds:
            raise VideoTooLarge(f"a frame at {seconds:.0f} s")
        expected = self.probe.frames_from_index or self.probe.frames_from_header
        if expected:  # known beforehand: do not wait for the end of a ruin
            check_errors(self.decode_errors, expected, self._options.max_error_share)

    def _check_whole(self) -> None:
        """After the last picture: judge what came, and replace what the header said by it."""
        share, errors = self._options.max_error_share, self.decode_errors
        check_errors(errors, errors + self._frames_seen // self.probe.fields, share)
        if self._options.end_seconds is not None:
            return
        self._check_sane(self._clock.end_seconds)
        probe = self.probe
        if probe.frames_from_index is None and not self._clock.restarted:
            declared_end = probe.start_seconds + (probe.duration_seconds_from_header or 0.0)
            check_end(self._clock.end_seconds, declared_end, share)
        if self._options.start_seconds is None and self._options.skip == "none":
            self.info = replace(
                self.info,
                frames=self._frames_seen,
                fps=self._clock.fps or probe.fps,
                duration_seconds=self._clock.end_seconds - probe.start_seconds,
            )

    def _book(self, stage: str, started: float) -> None:
        spent = self._spent[stage]
        spent[0] += perf_counter() - started
        spent[1] += 1


@contextmanager
def open_video(path: Path, options: ReadOptions) -> Iterator[OpenVideo]:
    """Open the clip at `path` in this process, which then parses its bytes: for tests and `bench`.

    Errors: FileNotFound, FileUnreadable, EmptyFile, NotAVideo, NoVideoStream, Truncated, NoFrames,
    TooManyDecodeErrors, UnsupportedVideo, VideoTooLarge.
    """
    with open_file(path) as fd:
        video = LocalVideo(fd, options)
        try:
            yield video
        finally:
            video.close()
