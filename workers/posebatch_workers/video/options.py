"""What is asked of a reader, and what a clip or a decoding process may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

Skip = Literal["none", "nonref"]
Hardware = Literal["none", "auto"]
Order = Literal["rgb", "bgr"]

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Beyond these a clip is refused with VideoTooLarge: no phone or sports camera records it."""

    max_pixels: int = 8192 * 8192  #: of one stored picture; the decoder refuses to allocate more
    max_duration_seconds: float = 6 * 3600.0
    max_fps: float = 2000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """What a decoding process may use; the kernel enforces all but the last two."""

    memory_bytes: int = 4096 * _MIB  #: address space, of which some 300 MiB are libraries
    cpu_seconds: int = 4 * 3600  #: for one clip
    open_files: int = 32
    device: bool = False  #: a CUDA driver reserves addresses without end: bound what is written
    frame_timeout_seconds: float = 30.0  #: silence for longer ends the process
    ring_bytes: int = 192 * _MIB  #: shared memory for the frames that run ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read one clip.

    `order` is that of a pixel's three bytes. `max_side` shrinks the longer side to that many
    pixels, never enlarges; `least_side` halves pictures as long as their longer side keeps that
    many, which costs little and loses nothing between pixels. `stride` n hands out every n-th
    frame; frame_index still counts all of them. `skip` "nonref" leaves out frames that no other
    frame needs, without decoding them: a cheap coarse pass. `start_seconds` and `end_seconds` bound
    the times that are handed out; after a seek frame_index counts from the first frame in range.
    `roi` is (x1, y1, x2, y2) in 0–1 of the upright picture, cut out before colour conversion.
    `threads` is the decoder's; 0 takes what idle cores there are. `max_error_share` is the share of
    a clip that may be damaged or missing. `hardware` "auto" decodes on a CUDA device where one
    starts and in software elsewhere; `Probe.decoder` tells which it was.
    """

    order: Order = "rgb"
    max_side: int | None = None
    least_side: int | None = None
    stride: int = 1
    skip: Skip = "none"
    start_seconds: float | None = None
    end_seconds: float | None = None
    roi: tuple[float, float, float, float] | None = None
    threads: int = 1
    max_error_share: float = 0.02
    limits: Limits = field(default_factory=Limits)
    batch_frames: int = 16
    hardware: Hardware = "none"

    def __post_init__(self) -> None:
        if min(self.stride, self.batch_frames, self.max_side or 1, self.least_side or 1) < 1:
            raise ValueError("stride, batch_frames, max_side and least_side must be at least 1")
        if self.roi and not (
            0 <= self.roi[0] < self.roi[2] <= 1 and 0 <= self.roi[1] < self.roi[3] <= 1
        ):
            raise ValueError(f"roi must be x1 < x2, y1 < y2 within 0–1, got {self.roi}")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of dataclasses.asdict after a trip through JSON."""
        known = {f.name: data[f.name] for f in fields(cls)}
        known["limits"] = Limits(**known["limits"])
        known["roi"] = tuple(known["roi"]) if known["roi"] else None
        return cls(**known)
