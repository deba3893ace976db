"""The decoding process: reads clips for its parent, one after the other, under limits.

Started as `python -m posebatch_workers.video.child SOCKET_FD LIMITS_JSON PARENT_PID`. It is handed
open files, never names; it writes frames into memory that the parent only reads; it holds nothing
worth stealing. The words on the wire: open → opened; read → batch …, end; release; stop → stopped;
and error at any time.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict
from time import monotonic

import cv2

from posebatch_shared.errors import DecoderCrashed, PosebatchError, VideoTooLarge
from posebatch_workers.video import confinement
from posebatch_workers.video.options import ProcessLimits, ReadOptions
from posebatch_workers.video.orientation import Pixels
from posebatch_workers.video.reader import LocalVideo
from posebatch_workers.video.ring import WritableMemory
from posebatch_workers.video.wire import Channel, Message


class _Stopped(Exception):
    """The parent has seen enough of this clip."""


class _Slots:
    """The ring as its writer sees it: hands out a free slot, waits for one if all are taken."""

    def __init__(self, channel: Channel, ring: Pixels) -> None:
        self._channel, self._ring = channel, ring
        self._free, self._next = len(ring), 0

    def __call__(self) -> Pixels:
        while self._free == 0 or self._channel.ready():
            self._obey(self._channel.receive())
        self._free -= 1
        self._next += 1
        slot: Pixels = self._ring[(self._next - 1) % len(self._ring)]
        return slot

    def _obey(self, message: Message) -> None:
        if message["do"] == "stop":
            raise _Stopped
        self._free += message["frames"]


def serve(channel: Channel, limits: ProcessLimits) -> None:
    """Read clips until the parent closes its end."""
    memory = WritableMemory()
    while True:
        message = channel.receive()
        if message["do"] == "stop":  # the clip had ended or failed by itself
            channel.send({"is": "stopped"})
        elif message["do"] == "open":
            confinement.allow_cpu(limits.cpu_seconds)
            _read_clip(channel, ReadOptions.from_json(message["options"]), memory)
            # A container and its streams hold each other, and pictures with them: 17 MB of a clip
            # in 4K, in so few objects that Python would look for them only after many clips.
            gc.collect()


def _read_clip(channel: Channel, options: ReadOptions, memory: WritableMemory) -> None:
    fd = channel.descriptor()
    try:
        for message in _reports(channel, LocalVideo(fd, options), memory):
            channel.send(message)
    except _Stopped:
        channel.send({"is": "stopped"})
    except PosebatchError as error:
        _report(channel, error)
    except MemoryError:
        _report(channel, VideoTooLarge("does not fit into the decoding process's memory limit"))
    except Exception as error:
        # A case that nobody thought of: it costs the attempt, under its own name.
        _report(channel, DecoderCrashed(f"{type(error).__name__}: {error}"))
    finally:
        os.close(fd)


def _report(channel: Channel, error: PosebatchError) -> None:
    channel.send({"is": "error", "code": error.code, "message": str(error)})


def _reports(channel: Channel, video: LocalVideo, memory: WritableMemory) -> Iterator[Message]:
    try:
        yield {
            "is": "opened",
            "probe": asdict(video.probe),
            "shape": video.frame_shape,
            **_account(video),
        }
        order = channel.receive()
        if order["do"] == "stop":
            raise _Stopped
        yield from _batches(channel, video, order, _ring(channel, video, order, memory))
        info = {key: getattr(video.info, key) for key in ("frames", "fps", "duration_seconds")}
        yield {"is": "end", "info": info, **_account(video)}
    finally:
        video.close()


def _ring(channel: Channel, video: LocalVideo, order: Message, memory: WritableMemory) -> Pixels:
    descriptor = channel.descriptor()
    try:
        return memory.frames(descriptor, video.frame_shape, order["slots"])
    finally:
        os.close(descriptor)


def _batches(
    channel: Channel, video: LocalVideo, order: Message, ring: Pixels
) -> Iterator[Message]:
    batch: list[tuple[int, float]] = []
    sent_at = monotonic()
    for frame in video.frames(_Slots(channel, ring)):
        batch.append((frame.frame_index, frame.pts_seconds))
        # A short batch now and then is better than a silence that looks like a hang.
        if len(batch) == order["batch"] or monotonic() > sent_at + order["patience_seconds"]:
            yield {"is": "batch", "frames": batch, **_account(video)}
            batch, sent_at = [], monotonic()
    if batch:
        yield {"is": "batch", "frames": batch, **_account(video)}


def _account(video: LocalVideo) -> Message:
    timings = [asdict(timing) for timing in video.timings()]
    return {"errors": video.decode_errors, "timings": timings}


def main(socket_fd: int, limits: ProcessLimits, parent_pid: int) -> None:
    """Confine this process, then serve."""
    confinement.die_with(parent_pid)
    confinement.apply(limits)
    cv2.setNumThreads(1)
    gc.freeze()  # what is imported stays, and is not looked through after every clip
    channel = Channel(socket.socket(fileno=socket_fd))
    channel.send({"is": "ready"})
    try:
        serve(channel, limits)
    except (EOFError, OSError):
        sys.exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), ProcessLimits(**json.loads(sys.argv[2])), int(sys.argv[3]))
