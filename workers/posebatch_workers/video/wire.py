"""Messages between a worker and its decoding process: JSON lines and file descriptors."""

from __future__ import annotations

import json
import select
import socket
from typing import Any

_MOST_BYTES = 1 << 20
_MOST_DESCRIPTORS = 1

Message = dict[str, Any]


class Silence(Exception):
    """Nothing came within the time allowed. Never leaves the video package."""


class Channel:
    """One end of a socket pair. Nothing but JSON is ever read from it: the other end may be ill."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._poll = select.poll()
        self._poll.register(end, select.POLLIN)
        self._buffer = bytearray()
        self._descriptors: list[int] = []

    def send(self, message: Message, descriptor: int | None = None) -> None:
        """Send one message, with an open file if given; OSError once the other end is gone."""
        line = json.dumps(message).encode() + b"\n"
        sent = socket.send_fds(self._socket, [line], [] if descriptor is None else [descriptor])
        self._socket.sendall(line[sent:])

    def receive(self, timeout_seconds: float | None = None) -> Message:
        """The next message; EOFError once the other end is gone, Silence after the timeout."""
        while (end := self._buffer.find(b"\n")) < 0:
            if not self._wait(timeout_seconds):
                raise Silence
            self._fill()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        message = json.loads(line)
        if not isinstance(message, dict):
            raise TypeError("a message is an object")
        return message

    def ready(self) -> bool:
        """Whether `receive` would return, or raise EOFError, at once."""
        return b"\n" in self._buffer or self._wait(0)

    def descriptor(self) -> int:
        """The file that came with the last message; the caller closes it."""
        return self._descriptors.pop()

    def close(self) -> None:
        """Close this end; the other one reads the end of the stream."""
        self._socket.close()

    def _wait(self, timeout_seconds: float | None) -> bool:
        milliseconds = None if timeout_seconds is None else 1000 * timeout_seconds
        return bool(self._poll.poll(milliseconds))

    def _fill(self) -> None:
        data, descriptors, _, _ = socket.recv_fds(self._socket, 65536, _MOST_DESCRIPTORS)
        self._descriptors += descriptors
        self._buffer += data
        if not data:
            raise EOFError("the other end is gone")
        if len(self._buffer) > _MOST_BYTES:
            raise ValueError("message too long")
