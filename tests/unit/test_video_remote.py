"""What a decoding process says is checked before it is used: it may have been taken over."""

from __future__ import annotations

from typing import Any

import pytest

from posebatch_shared.errors import DecoderCrashed
from posebatch_workers.video.options import ProcessLimits, ReadOptions
from posebatch_workers.video.remote import RemoteVideo
from posebatch_workers.video.ring import Memory

PROBE = {
    "container": "mov", "codec": "h264", "stream_index": 0, "streams": 1, "width": 4, "height": 2,
    "stored_width": 4, "stored_height": 2, "rotation_degrees": 0, "mirrored": False,
    "pixel_aspect": 1.0, "pixel_format": "yuv420p", "bit_depth": 8, "transfer": "bt709",
    "full_range": False, "fps": 30.0, "fps_from_header": 30.0, "variable_frame_rate": False,
    "start_seconds": 0.0, "duration_seconds_from_header": 1.0, "duration_seconds_from_index": None,
    "frames_from_header": 30, "frames_from_index": None, "edit_list": False, "recorded_at": None,
    "interlaced": False, "fields": 1, "decoder": "software",
}  # fmt: skip
OPENED = {"is": "opened", "probe": PROBE, "shape": [2, 4, 3], "errors": 0, "timings": []}


class ScriptedChild:
    """Says what the script says."""

    def __init__(self, *script: dict[str, Any]) -> None:
        self.script = list(script)
        self.killed = False
        self.heard: list[dict[str, Any]] = []

    def send(self, message: dict[str, Any], descriptor: int | None = None) -> None:
        self.heard.append(message)

    def receive(self) -> dict[str, Any]:
        return self.script.pop(0)

    def kill(self) -> None:
        self.killed = True


def opened(child: ScriptedChild) -> RemoteVideo:
    return RemoteVideo(child, 0, ReadOptions(), ProcessLimits(), Memory)


@pytest.mark.parametrize(
    "lie",
    [
        {"shape": [0, 4, 3]},
        {"shape": [1 << 20, 1 << 20, 3]},
        {"shape": [2, 4]},
        {"shape": None},
        {"probe": {"width": 4}},
        {"probe": PROBE | {"more": 1}},
        {"errors": "many"},
        {"timings": [{"stage": "decode"}]},
    ],
)
def test_a_wrong_opening_ends_the_process(lie: dict[str, Any]) -> None:
    child = ScriptedChild(OPENED | lie)
    with pytest.raises(DecoderCrashed):
        opened(child)
    assert child.killed


@pytest.mark.parametrize("batch", [{}, {"frames": [[1]]}, {"frames": [["a", "b"]]}, {"frames": 3}])
def test_a_wrong_batch_ends_the_process(batch: dict[str, Any]) -> None:
    child = ScriptedChild(OPENED, {"is": "batch", "errors": 0, "timings": [], **batch})
    with pytest.raises(DecoderCrashed):
        list(opened(child).batches())
    assert child.killed


def test_no_more_frames_than_a_batch_holds_are_believed() -> None:
    many = {"is": "batch", "errors": 0, "timings": [], "frames": [[n, n / 30] for n in range(99)]}
    video = opened(ScriptedChild(OPENED, many))
    assert len(next(video.batches())) == ReadOptions().batch_frames
