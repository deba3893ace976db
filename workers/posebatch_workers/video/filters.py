"""One of FFmpeg's filters between pictures that go in and pictures that come out."""

from __future__ import annotations

from typing import Any

import av


def filtered(picture: Any, name: str, arguments: str) -> Any:
    """An av.filter.Graph for pictures of the form of this av.VideoFrame; it takes no threads, since
    as many clips are read side by side as there are cores."""
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_buffer(
        width=picture.width,
        height=picture.height,
        format=picture.format,
        time_base=picture.time_base,
    )
    graph.link_nodes(source, graph.add(name, arguments), graph.add("buffersink")).configure()
    return graph
