"""Opening a file as a video: which formats are let in, which stream it is, what went wrong."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

import av

from posebatch_shared.errors import (
    FileUnreadable,
    NotAVideo,
    NoVideoStream,
    Truncated,
    UnsupportedVideo,
    VideoTooLarge,
)
from posebatch_workers.video.clock import restarts
from posebatch_workers.video.extent import Extent
from posebatch_workers.video.options import Limits

_OPTIONS = {
    # Playlists and other formats that name further files or addresses are not on the list.
    "format_whitelist": "mov,matroska,avi,mpegts,mpeg,asf,flv,ogg,dv,mxf",
    "protocol_whitelist": "file",
    # Of opening alone: what FFmpeg decoded to learn about the streams would be decoded twice.
    "skip_frame": "all",
}
#: What FFmpeg says of a header that makes no sense; of memory, where a damaged count asks for all.
_NO_HEADER = (
    av.error.InvalidDataError,
    av.error.ArgumentError,
    av.error.EOFError,
    av.error.MemoryError,
)
#: Containers whose length is when they end, counted from zero; some writers put how long they last.
_TELLING_THEIR_END = ("matroska,webm", "asf", "flv")
#: Of pictures that have the time of another one, as a writer's mistake.
_MOST_LOST_SHARE = 0.05
#: The clock of transport streams, and more pictures a second than any of them has.
_MPEG_TICK, _MOST_OF_MPEG = Fraction(1, 90_000), 1000
_STILL = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails


def open_container(fd: int, extent: Extent, hwaccel: Any = None) -> Any:
    """The PyAV container of the open file `fd`: no path is looked up that could be swapped."""
    try:
        return av.open(
            f"/dev/fd/{fd}", options=_OPTIONS, hwaccel=hwaccel, metadata_errors="replace"
        )
    except _NO_HEADER as error:
        if extent.family:
            raise Truncated(
                f"starts as {extent.family} but its index is missing or damaged"
            ) from error
        raise NotAVideo("no known video container") from error
    except av.error.FFmpegError as error:
        if extent.missing_share:  # FFmpeg takes the end of the file for a failed disk
            raise Truncated(f"a {extent.family} file that ends within its header") from error
        raise from_ffmpeg(error) from error


def from_ffmpeg(error: av.error.FFmpegError) -> Exception:
    """Our word for an error that FFmpeg raised while reading."""
    if isinstance(error, av.error.LookupError | av.error.PatchWelcomeError):
        return UnsupportedVideo(str(error))
    if isinstance(error, av.error.InvalidDataError | ValueError):
        return NotAVideo(str(error))
    return FileUnreadable(str(error))


def choose_stream(container: Any) -> Any:
    """The stream that a player would show; the others are not even demultiplexed."""
    videos = [s for s in container.streams.video if not s.disposition & _STILL]
    if not videos:
        raise NoVideoStream(f"{len(container.streams)} streams, none of them moving pictures")
    best = container.streams.best("video")
    chosen = best if best in videos else videos[0]
    for stream in container.streams:
        if stream is not chosen:
            stream.discard = av.stream.Discard.all
    if chosen.codec_context is None:
        raise UnsupportedVideo("no decoder for the video stream's codec")
    return chosen


def check_limits(container: Any, stream: Any, first_pts: int, limits: Limits) -> None:
    """Refuse what no camera records, before anything is allocated for it."""
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > limits.max_pixels:
        raise VideoTooLarge(f"{width}×{height} pixels, at most {limits.max_pixels} in all")
    rate = float(declared_rate(stream) or 0)
    if rate > limits.max_fps:
        raise VideoTooLarge(f"{rate:.0f} frames per second, at most {limits.max_fps:.0f}")
    seconds = declared_seconds(container, stream, first_pts) or 0.0
    if seconds > limits.max_duration_seconds and not restarts(container):
        raise VideoTooLarge(f"{seconds:.0f} s, at most {limits.max_duration_seconds:.0f} s")


def check_ticks(timestamps: list[int], time_base: Fraction) -> None:
    """Refuse pictures that come faster than their clock ticks, as above 1000 a second in Matroska:
    several have one time, and all but one of them would be lost."""
    ticks = max(timestamps, default=0) - min(timestamps, default=0)
    lost = len(timestamps) - 1 - ticks
    if ticks and lost > max(1, _MOST_LOST_SHARE * len(timestamps)):
        rate = float(1 / time_base)
        raise VideoTooLarge(f"faster than its container's clock, which tells {rate:.0f} a second")


def declared_rate(stream: Any) -> Fraction | None:
    """Frames per second by the header, None if it does not tell.

    FFmpeg has two guesses; the one too high has counted the ticks of a clock (raw DV: 60,000), as
    both have where a transport stream breaks off after its first pictures.
    """
    rates = filter(None, (stream.average_rate, stream.guessed_rate))
    told = min(rates, default=None)
    ticks = stream.time_base == _MPEG_TICK and told and told > _MOST_OF_MPEG
    return None if ticks else told


def declared_seconds(container: Any, stream: Any, first_pts: int) -> float | None:
    """How long the video lasts by its header, None if the header does not tell."""
    seconds = _told_seconds(container, stream)
    if seconds is None or container.format.name not in _TELLING_THEIR_END:
        return seconds
    start = max(0, first_pts) * float(stream.time_base)
    return seconds - start if seconds >= start else seconds


def _told_seconds(container: Any, stream: Any) -> float | None:
    if stream.duration and container.format.name != "matroska,webm":
        return float(stream.duration * stream.time_base)
    with suppress(KeyError, ValueError):  # Matroska: each stream's end, as 00:00:10.033000000
        hours, minutes, rest = stream.metadata["DURATION"].split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)
    return float(container.duration / av.time_base) if container.duration else None
