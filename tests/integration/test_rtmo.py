"""Does RTMO find people and their points in one pass, with a network that finds what was drawn?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from networks import markers
from networks.people import FPS, INFO, body, pixels, track
from posebatch_workers.trackers.batches import load_batched
from posebatch_workers.trackers.rtmo import Rtmo
from posebatch_workers.video.frames import Frame


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return markers.rtmo_network(tmp_path_factory.mktemp("networks") / "rtmo.onnx")


@pytest.fixture
def make(model: Path) -> Callable[[], Rtmo]:
    def create() -> Rtmo:
        network = load_batched(model, "cpu", threads=2)
        return Rtmo(network, confidence=0.5, info=INFO)

    return create


@pytest.mark.parametrize("shape", [(720, 540), (1080, 1920), (300, 200)])
def test_markers_come_back_to_half_a_pixel(
    make: Callable[[], Rtmo], shape: tuple[int, int]
) -> None:
    scale = max(shape) / 720
    truth = body(40 * scale, 30 * scale, 0.8 * shape[0])
    picture = np.full((*shape, 3), 90, np.uint8)
    markers.draw(picture, truth, radius=max(6.0, 6 * scale))
    empty = np.full((*shape, 3), 90, np.uint8)
    frames = [
        Frame(frame_index=i, pts_seconds=i / FPS, pixels=p)
        for i, p in enumerate([picture, empty, picture[:, :, ::-1].copy()])
    ]
    found, none, swapped = track(make(), frames)
    assert np.linalg.norm(pixels(found, shape)[0] - truth[:17], axis=1).mean() < 0.5
    assert len(none.scores) == len(swapped.scores) == 0
