"""Gathering the facts of an opened clip: header, sample table, first packets, first picture."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from fractions import Fraction
from typing import Any

from av.sidedata.sidedata import Type as SideData

from posebatch_workers.video.clock import intervals, usual_interval, varies
from posebatch_workers.video.extent import Extent
from posebatch_workers.video.facts import Probe
from posebatch_workers.video.opening import declared_rate
from posebatch_workers.video.orientation import Orientation, from_matrix
from posebatch_workers.video.starting import Started

_TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    13: "srgb",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    18: "arib-std-b67",
}
#: Clocks that were never set begin in 1904, 1970 or 1980.
_FIRST_YEAR = 1990
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
#: Pixels this many times as wide as high, or as high as wide, are a damaged header's: discs of half
#: the columns have 2.9.
_MOST_ASPECT = 4


def orientation_of(frame: Any) -> Orientation:
    """The orientation in a picture's display matrix; as stored if it has none."""
    for data in frame.side_data:
        if data.type == SideData.DISPLAYMATRIX:
            return from_matrix(bytes(data))
    return Orientation()


def shown_size(width: int, height: int, aspect: float, orientation: Orientation) -> tuple[int, int]:
    """Width and height as a player shows them: square pixels, upright."""
    return orientation.shape(max(1, round(width * aspect)), height)


def build_probe(source: Started, extent: Extent) -> Probe:
    """All facts together, once the first picture is decoded."""
    container, stream, frame = source.container, source.stream, source.first
    table, clock = source.table, source.clock
    counts = table.intervals or intervals(source.head_pts)
    interval = usual_interval(counts)
    header_rate = declared_rate(stream)
    orientation = orientation_of(frame)
    aspect = pixel_aspect(stream)
    width, height = shown_size(frame.width, frame.height, aspect, orientation)
    return Probe(
        container=container.format.name,
        codec=stream.codec_context.name,
        stream_index=stream.index,
        streams=len(container.streams),
        width=width,
        height=height,
        stored_width=frame.width,
        stored_height=frame.height,
        rotation_degrees=orientation.degrees,
        mirrored=orientation.mirrored,
        pixel_aspect=aspect,
        pixel_format=frame.format.name,
        bit_depth=frame.format.components[0].bits,
        transfer=_TRANSFERS.get(frame.color_trc, "unknown"),
        full_range=frame.color_range == _FULL_RANGE,
        fps=source.fields * (_rate(interval, stream.time_base) or float(header_rate or 0)),
        fps_from_header=float(header_rate) if header_rate else None,
        variable_frame_rate=varies(counts),
        start_seconds=clock.seconds(frame.pts) if frame.pts is not None else 0.0,
        duration_seconds_from_header=source.declared_seconds,
        duration_seconds_from_index=table.seconds(stream.time_base),
        frames_from_header=stream.frames or None,
        frames_from_index=table.frames,
        edit_list=extent.edit_list,
        recorded_at=recorded_at(container.metadata),
        interlaced=source.interlaced,
        fields=source.fields,
        decoder=source.device,
    )


def recorded_at(metadata: Mapping[str, str]) -> str | None:
    """The camera's word, Apple's with its time zone first; None where it never knew the time."""
    for name in ("com.apple.quicktime.creationdate", "creation_time"):
        with suppress(ValueError):
            told = datetime.fromisoformat(metadata.get(name, ""))
            if told.year >= _FIRST_YEAR:
                return told.isoformat()
    return None


def pixel_aspect(stream: Any) -> float:
    """The container's word; without one, as in transport streams, that of the decoded pictures."""
    return likely_aspect(stream.sample_aspect_ratio, stream.codec_context.sample_aspect_ratio)


def likely_aspect(*told: Fraction | None) -> float:
    """The first that can be, 1 without any."""
    likely = (aspect for aspect in told if aspect and 1 / _MOST_ASPECT <= aspect <= _MOST_ASPECT)
    return float(next(likely, 1))


def _rate(interval: Fraction | None, time_base: Fraction) -> float | None:
    return float(1 / (interval * time_base)) if interval else None
