"""Interlaced video: two half pictures in each frame, taken half a frame interval apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av

#: Half pictures in a frame, and so pictures that come out for each.
FIELDS = 2
#: Whole pictures in between, as some recorders mix them in, pass unchanged.
_FILTER = "mode=send_field:parity=auto:deint=interlaced"


def fields(frames: Iterator[Any], time_base: Any) -> Iterator[Any]:
    """A whole picture for each half one, in FFmpeg's `bwdif`: lines in between are filled in from
    their surroundings. Timestamps count in half ticks of `time_base`."""
    graph: Any = None
    form = None
    for frame in frames:
        if form != (frame.width, frame.height, frame.format.name):
            yield from _drained(graph)
            graph, form = _graph(frame, time_base), (frame.width, frame.height, frame.format.name)
        graph.push(frame)
        yield from _ready(graph)
    yield from _drained(graph)


def _graph(frame: Any, time_base: Any) -> Any:
    graph = av.filter.Graph()
    graph.threads = 1  # as many clips are read side by side as there are cores
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=time_base
    )
    graph.link_nodes(source, graph.add("bwdif", _FILTER), graph.add("buffersink")).configure()
    return graph


def _ready(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _drained(graph: Any) -> Iterator[Any]:
    if graph is not None:
        graph.push(None)
        yield from _ready(graph)
