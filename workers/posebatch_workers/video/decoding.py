"""Decoded pictures of one stream, in presentation order; damage is counted, not raised."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import av

from posebatch_shared.errors import DecoderCrashed, VideoTooLarge
from posebatch_workers.video.opening import from_ffmpeg
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.threads import fitting_threads

_HEAD_PACKETS = 64
#: One damaged packet may be counted; this many in a row say that nothing more will come.
_MOST_FAILED_READS = 100


class Decoder:
    """Demultiplexes and decodes one stream, in constant memory."""

    def __init__(self, container: Any, stream: Any, options: ReadOptions) -> None:
        self.errors = 0
        self._container, self._stream = container, stream
        self._max_pixels = options.limits.max_pixels
        #: AVI knows only the order of decoding: its frames are shown at those times, one by one.
        self._stamps: deque[int] | None = deque() if container.format.name == "avi" else None
        context = stream.codec_context
        # Threads tell of a damaged picture late: too late to say whose time is not needed.
        context.thread_count = (
            1 if self._stamps is not None else options.threads or fitting_threads()
        )
        context.thread_type = "AUTO"
        context.options = {"max_pixels": str(options.limits.max_pixels)}
        if options.skip == "nonref":
            context.skip_frame = "NONREF"
        self._packets = self._demux()
        self._head = deque(islice(self._packets, _HEAD_PACKETS))

    def head_pts(self) -> list[int]:
        """Timestamps of the first packets, as far as no later packet comes in between; the packets
        are kept for decoding."""
        packets = [packet for packet in self._head if not packet.is_discard]
        order = [packet.dts for packet in packets if packet.dts is not None]
        if self._stamps is not None:
            return order
        shown = [packet.pts for packet in packets if packet.pts is not None]
        return [pts for pts in shown if not order or pts <= order[-1]] or shown

    def frames(self) -> Iterator[Any]:
        """Every av.VideoFrame that decodes."""
        for packet in chain(self._unwind_head(), self._packets):
            if not _repeats(packet):
                yield from self._decode(packet)

    def seek(self, pts: int) -> None:
        """Go on from the last key frame at or before a timestamp."""
        self._head.clear()
        if self._stamps:
            self._stamps.clear()
        self._container.seek(pts, backward=True, stream=self._stream)
        self._packets = self._demux()

    def _unwind_head(self) -> Iterator[Any]:
        while self._head:
            yield self._head.popleft()

    def _demux(self) -> Iterator[Any]:
        """Packets up to the end, the empty one that flushes the decoder included."""
        for _ in range(_MOST_FAILED_READS):
            try:
                yield from self._container.demux(self._stream)
            except av.error.InvalidDataError:
                self.errors += 1
            except av.error.FFmpegError as error:
                raise from_ffmpeg(error) from error
            else:
                return

    def _decode(self, packet: Any) -> list[Any]:
        if self._stamps is not None and packet.dts is not None:
            self._stamps.append(packet.dts)
        try:
            frames = packet.decode()
        except av.error.EOFError:
            return []
        except av.error.MemoryError as error:
            raise VideoTooLarge("the decoder ran out of its memory limit") from error
        except av.error.ExternalError as error:
            if self._stream.codec_context.is_hwaccel:
                raise DecoderCrashed(f"the GPU's decoder failed: {error}") from error
            self._lose()
            return []
        except av.error.FFmpegError:
            self._lose()
            return []
        return [self._checked(frame) for frame in frames]

    def _lose(self) -> None:
        self.errors += 1
        if self._stamps:
            self._stamps.pop()

    def _checked(self, frame: Any) -> Any:
        if frame.width * frame.height > self._max_pixels:
            raise VideoTooLarge(f"a picture grew beyond {self._max_pixels} pixels")
        self.errors += frame.is_corrupt
        if self._stamps:
            frame.pts = self._stamps.popleft()
        return frame


def _repeats(packet: Any) -> bool:
    """Whether an empty packet has a time: the last picture again, and not the decoder's flush."""
    return not packet.size and packet.dts is not None
