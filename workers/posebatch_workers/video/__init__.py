"""Reading video: probe, decode upright frames with their true times, in a process of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posebatch_workers.video.facts import Probe


def probe(path: Path) -> Probe:
    """What the clip at `path` is, from its header, its index and its first frame.

    Parses the file in this process: for tests and `bench`. Raises the errors of `open_video`.
    """
    # Here, so that importing the package does not load PyAV into the tracker's process.
    from posebatch_workers.video.reader import ReadOptions, open_video

    with open_video(path, ReadOptions()) as video:
        return video.probe
