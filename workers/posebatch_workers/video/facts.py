"""What a clip is: the facts that a probe finds, under names that say where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from posebatch_shared.results import VideoInfo

_HDR_TRANSFERS = ("smpte2084", "arib-std-b67")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One video stream and its container.

    `width` × `height` is the upright picture as a player shows it, `stored_` before turning.
    `..._from_header` is what the file says of itself, `..._from_index` follows from its sample
    table (MP4, MOV, AVI) and is None where there is none. None means unknown throughout.
    """

    container: str
    codec: str
    stream_index: int
    streams: int
    width: int
    height: int
    stored_width: int
    stored_height: int
    rotation_degrees: int
    mirrored: bool
    pixel_aspect: float
    pixel_format: str
    bit_depth: int
    transfer: str
    full_range: bool
    fps: float  #: 1 / median time between pictures read, from the index or the first packets
    fps_from_header: float | None
    variable_frame_rate: bool
    start_seconds: float  #: when a player shows the first frame
    duration_seconds_from_header: float | None
    duration_seconds_from_index: float | None
    frames_from_header: int | None
    frames_from_index: int | None
    edit_list: bool
    recorded_at: str | None  #: ISO 8601, as the camera wrote it into the container
    interlaced: bool  #: stored pictures hold two moments each
    fields: int  #: pictures read of each stored one: 2 if interlaced, unless some are skipped
    decoder: str  #: "software" or the device that decodes

    @property
    def hdr(self) -> bool:
        """Whether the pictures are coded for a high dynamic range (PQ or HLG)."""
        return self.transfer in _HDR_TRANSFERS

    @property
    def duration_seconds(self) -> float:
        """The best known duration, 0 where the file does not tell."""
        return self.duration_seconds_from_header or self.duration_seconds_from_index or 0.0

    def video_info(self) -> VideoInfo:
        """The part that every result carries."""
        extra = asdict(self) | {"hdr": self.hdr}
        stored = self.frames_from_index or self.frames_from_header
        return VideoInfo(
            width=self.width,
            height=self.height,
            fps=extra.pop("fps"),
            frames=stored * self.fields if stored else None,
            duration_seconds=self.duration_seconds,
            rotation_degrees=extra.pop("rotation_degrees"),
            codec=extra.pop("codec"),
            extra={key: value for key, value in extra.items() if key not in ("width", "height")},
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of dataclasses.asdict; TypeError where a field is missing or unknown."""
        return cls(**data)
