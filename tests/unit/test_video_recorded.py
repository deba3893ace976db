"""When a clip was recorded, by its camera."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from posebatch_workers.video.probing import recorded_at
from posebatch_workers.video.reader import ReadOptions, open_video

APPLE = "com.apple.quicktime.creationdate"


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"creation_time": "2026-11-20T15:00:00.000000Z"}, "2026-11-20T15:00:00+00:00"),
        (
            {"creation_time": "2026-11-20T15:00:00.000000Z", APPLE: "2026-11-20T16:00:00+0100"},
            "2026-11-20T16:00:00+01:00",
        ),
        ({"creation_time": "1970-01-01T00:00:00.000000Z"}, None),
        ({"creation_time": "yesterday"}, None),
        ({}, None),
    ],
)
def test_the_cameras_word(metadata: dict[str, str], told: str | None) -> None:
    assert recorded_at(metadata) == told


def test_it_is_among_a_clips_facts(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["creation_time"] = "2026-11-20T15:00:00Z"
        stream = container.add_stream("mpeg4", rate=30)
        stream.width = stream.height = 64
        for _ in range(3):
            picture = np.zeros((64, 64, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    with open_video(path, ReadOptions()) as video:
        extra = video.probe.video_info().extra
    assert extra["recorded_at"] == "2026-11-20T15:00:00+00:00"
