"""Starting a decoder, on a CUDA device where asked and possible, in software elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import av
from av.codec.hwaccel import HWAccel

from posebatch_shared.errors import NoVideoStream, PosebatchError, Truncated, UnsupportedVideo
from posebatch_workers.video.clock import Clock
from posebatch_workers.video.decoding import Decoder
from posebatch_workers.video.extent import Extent
from posebatch_workers.video.fields import FIELDS, by_field
from posebatch_workers.video.opening import (
    check_limits,
    check_ticks,
    choose_stream,
    declared_seconds,
    open_container,
)
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.sample_table import SampleTable, check_complete, read_sample_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A clip whose first picture is decoded; `first` is None if none decodes."""

    container: Any
    stream: Any
    decoder: Decoder
    clock: Clock
    table: SampleTable
    head_pts: list[int]
    interlaced: bool
    fields: int  #: pictures that are read of each that is stored
    first: Any
    rest: Iterator[Any]

    @property
    def declared_seconds(self) -> float | None:
        """How long the video lasts by its header, None if the header does not tell."""
        return declared_seconds(self.container, self.stream, _earliest(self.head_pts))

    @property
    def device(self) -> str:
        """What decodes: "cuda" or "software", to which FFmpeg falls back by itself, too."""
        context = self.stream.codec_context
        return "cuda" if context.is_hwaccel and context.pix_fmt == "cuda" else "software"


def start(fd: int, extent: Extent, options: ReadOptions) -> Started:
    """Open `fd` and decode its first picture; the fallback to software shows in `device`."""
    if options.hardware == "auto":
        # No driver, no device, or no decoder for this codec on it; a broken file fails again below.
        with suppress(av.error.FFmpegError, PosebatchError, NotImplementedError, RuntimeError):
            # One context for all clips of this process, and no threads: each takes pictures of a
            # decoder that has few, and waits for the device anyway.
            hwaccel = HWAccel("cuda", options={"primary_ctx": "1"})
            started = _start(fd, extent, replace(options, threads=1), hwaccel)
            if started.first is not None:
                return started
            started.container.close()
    return _start(fd, extent, options, None)


def _start(fd: int, extent: Extent, options: ReadOptions, hwaccel: HWAccel | None) -> Started:
    container = open_container(fd, extent, hwaccel)
    try:
        return _first_picture(container, extent, options)
    except BaseException:
        container.close()
        raise


def _first_picture(container: Any, extent: Extent, options: ReadOptions) -> Started:
    try:
        stream = choose_stream(container)
    except (NoVideoStream, UnsupportedVideo) as error:
        if extent.missing_share:
            raise Truncated("ends within its index") from error
        raise
    decoder = Decoder(container, stream, options)
    head_pts = decoder.head_pts()
    check_limits(container, stream, _earliest(head_pts), options.limits)
    check_ticks(head_pts, stream.time_base)
    table = read_sample_table(stream, extent)
    check_complete(table, extent, options.max_error_share)
    if options.start_seconds:
        decoder.seek(Clock(container, stream).ticks(options.start_seconds))
    pictures = decoder.frames()
    first = next(pictures, None)
    interlaced = first is not None and first.interlaced_frame
    # Without the pictures in between nobody could tell when second fields are shown.
    fields = FIELDS if interlaced and options.skip == "none" else 1
    if fields > 1:
        pictures = by_field(chain((first,), pictures))
        first = next(pictures)
    return Started(
        container=container,
        stream=stream,
        decoder=decoder,
        clock=Clock(container, stream, fields=fields),
        table=table,
        head_pts=head_pts,
        interlaced=interlaced,
        fields=fields,
        first=first,
        rest=pictures,
    )


def _earliest(timestamps: list[int]) -> int:
    return min(timestamps, default=0)
