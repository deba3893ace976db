"""The two networks inside MediaPipe's .task file, ready to run."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from posebatch_shared.errors import ModelCorrupt
from posebatch_workers.trackers.blazepose import detector, landmarks
from posebatch_workers.trackers.blazepose.tflite_graph import Graph, read_graph
from posebatch_workers.trackers.blazepose.tflite_to_onnx import to_onnx
from posebatch_workers.trackers.sessions import Network

#: name → shape without the batch; the networks name their outputs by number only.
_DETECTOR_OUTPUTS = {"boxes": (2254, 12), "scores": (2254, 1)}
_LANDMARK_OUTPUTS = {"landmarks": (195,), "presence": (1,), "heatmap": (64, 64, 39)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """The person detector and the landmark network, warmed up."""

    detector: Network
    landmarks: Network


def load_networks(task: Path, *, device: str, threads: int) -> Networks:
    """Convert (some 50 ms) and start both networks of a .task file.

    Raises ModelCorrupt, DeviceUnavailable.
    """
    with zipfile.ZipFile(task) as parts:
        find = read_graph(parts.read("pose_detector.tflite"))
        follow = read_graph(parts.read("pose_landmarks_detector.tflite"))
    # The segmentation and world branches, about half of the landmark network, are left out.
    found = to_onnx(find, outputs=_outputs(find, _DETECTOR_OUTPUTS), scale=1 / 127.5, offset=-1.0)
    followed = to_onnx(follow, outputs=_outputs(follow, _LANDMARK_OUTPUTS), scale=1 / 255, offset=0)
    return Networks(
        detector=_warm(found, detector.SIDE, device=device, threads=threads),
        landmarks=_warm(followed, landmarks.SIDE, device=device, threads=threads),
    )


def _outputs(graph: Graph, wanted: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    numbers = {graph.shapes[number][1:]: number for number in graph.outputs}
    try:
        return {name: numbers[shape] for name, shape in wanted.items()}
    except KeyError as missing:
        raise ModelCorrupt(f"The network has no output of shape {missing}.") from missing


def _warm(model: bytes, side: int, *, device: str, threads: int) -> Network:
    network = Network(model, device=device, threads=threads)
    network.run(pixels=np.zeros((1, side, side, 3), np.uint8))
    return network
