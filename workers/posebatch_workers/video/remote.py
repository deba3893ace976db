"""A clip that another process decodes, as its reader sees it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from posebatch_shared.errors import DecoderCrashed
from posebatch_shared.results import StageTiming
from posebatch_workers.video.facts import Probe
from posebatch_workers.video.frames import Frame
from posebatch_workers.video.launch import Child
from posebatch_workers.video.options import ProcessLimits, ReadOptions
from posebatch_workers.video.orientation import Pixels
from posebatch_workers.video.ring import Memory, Plan, Shape
from posebatch_workers.video.wire import Message

_MOST_FRAME_BYTES = 1 << 30


class RemoteVideo:
    """An OpenVideo over a decoding process. What the process says is checked before it is used."""

    def __init__(
        self,
        child: Child,
        fd: int,
        options: ReadOptions,
        limits: ProcessLimits,
        memory_of: Callable[[int], Memory],
    ) -> None:
        self.decode_errors = self.frames_read = 0
        self._child, self._options, self._limits = child, options, limits
        self._memory_of = memory_of
        self._timings: tuple[StageTiming, ...] = ()
        child.send({"do": "open", "options": asdict(options)}, fd)
        opened = child.receive()
        with self._trusting_nothing():
            self.probe = Probe.from_json(opened["probe"])
            self.info = self.probe.video_info()
            self._shape = _checked_shape(opened["shape"])
            self._account(opened)

    def timings(self) -> tuple[StageTiming, ...]:
        return self._timings

    def batches(self) -> Iterator[Sequence[Frame]]:
        plan = Plan.fit(self._shape, self._options.batch_frames, self._limits.ring_bytes)
        ring = self._start(plan)
        while (message := self._child.receive())["is"] == "batch":
            batch = self._frames(message, ring, plan)
            yield batch
            self._child.send({"do": "release", "frames": len(batch)})
        with self._trusting_nothing():
            self._account(message)
            self.info = replace(self.info, **_checked_counts(message["info"]))

    def _start(self, plan: Plan) -> Pixels:
        memory = self._memory_of(plan.slots * math.prod(self._shape))
        patience_seconds = self._limits.frame_timeout_seconds / 4
        order = {"do": "read", **asdict(plan), "patience_seconds": patience_seconds}
        self._child.send(order, memory.descriptor)
        return memory.frames(self._shape, plan.slots)

    def _frames(self, message: Message, ring: Pixels, plan: Plan) -> list[Frame]:
        with self._trusting_nothing():
            self._account(message)
            frames = [
                Frame(
                    frame_index=int(index),
                    pts_seconds=float(seconds),
                    pixels=ring[(self.frames_read + n) % plan.slots],
                )
                for n, (index, seconds) in enumerate(message["frames"][: plan.batch])
            ]
            self.frames_read += len(frames)
            return frames

    def _account(self, message: Message) -> None:
        self.decode_errors = int(message["errors"])
        self._timings = tuple(StageTiming(**row) for row in message["timings"])

    @contextmanager
    def _trusting_nothing(self) -> Iterator[None]:
        """Turn an answer of the wrong form into the end of the process that gave it."""
        try:
            yield
        except (KeyError, TypeError, ValueError) as error:
            self._child.kill()
            raise DecoderCrashed(f"the decoder talks nonsense: {error!r}") from error


def _checked_shape(shape: list[Any]) -> Shape:
    height, width, channels = (int(n) for n in shape)
    if min(height, width) < 1 or channels != 3 or height * width * 3 > _MOST_FRAME_BYTES:
        raise ValueError(f"frame shape {shape}")
    return height, width, channels


def _checked_counts(info: Message) -> dict[str, Any]:
    frames = None if info["frames"] is None else int(info["frames"])
    seconds = float(info["duration_seconds"])
    return {"frames": frames, "fps": float(info["fps"]), "duration_seconds": seconds}
