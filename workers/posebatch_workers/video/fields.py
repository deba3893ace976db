"""Interlaced pictures: each holds two moments, in every other line, and is read as two pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import av

from posebatch_workers.video.filters import filtered

#: Pictures that follow from an interlaced one; timestamps count in as many parts of a tick.
FIELDS = 2
#: Pictures among interlaced ones that say that they are not (film on a disc) pass unchanged.
_BWDIF = "mode=send_field:parity=auto:deint=interlaced"


def by_field(pictures: Iterable[Any]) -> Iterator[Any]:
    """A whole picture for every field of these av.VideoFrames, timestamps in half ticks.

    FFmpeg's filter fills in a field's missing lines from those around and from the fields before
    and after.
    """
    graph, made_for, spacing = None, None, _Spacing()
    for picture in pictures:
        form = (picture.width, picture.height, picture.format.name)
        if graph is None or form != made_for:
            yield from _rest(graph, spacing)
            graph, made_for = filtered(picture, "bwdif", _BWDIF), form
        graph.push(picture)
        yield from spacing.of(_ready(graph))
    yield from _rest(graph, spacing)


class _Spacing:
    """Puts the second field half a picture after the first, however long the next one takes.

    The filter puts it midway to the next picture: wrong where some are missing in between, or where
    timestamps begin anew. The distance from the last one tells.
    """

    def __init__(self) -> None:
        self._last: int | None = None

    def of(self, fields: list[Any]) -> list[Any]:
        """The fields of one picture, with their true timestamps."""
        if len(fields) == FIELDS and None not in (fields[0].pts, fields[1].pts):
            first, second = fields
            ahead = second.pts - first.pts
            known = [apart for apart in (self._last, ahead) if apart is not None and apart > 0]
            second.pts = first.pts + min(known, default=0)
            self._last = ahead
        return fields


def _rest(graph: Any, spacing: _Spacing) -> list[Any]:
    """The fields of the last picture, which the filter holds until there is another."""
    if graph is None:
        return []
    graph.push(None)
    return spacing.of(_ready(graph))


def _ready(graph: Any) -> list[Any]:
    fields = []
    try:
        while True:
            fields.append(graph.pull())
    except (av.error.BlockingIOError, av.error.EOFError):
        return fields
