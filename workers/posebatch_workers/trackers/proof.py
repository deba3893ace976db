"""Which device really computes here: a small network is run on it and its answer checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.errors import DeviceLost, DeviceUnavailable
from posebatch_workers.trackers.providers import device_name, unavailable
from posebatch_workers.trackers.sessions import Network

#: What a worker with this tag may compute on, best first.
DEVICES: dict[str, tuple[str, ...]] = {"gpu": ("cuda", "coreml"), "cpu": ("cpu",)}
_SIDE, _CHANNELS = 64, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProof:
    """A device that ran a network; `reasons` tell why better ones did not."""

    device: str  #: cpu | cuda | tensorrt | coreml
    device_name: str
    provider: str
    warmup_ms: float  #: of the second run; the first loads libraries
    reasons: tuple[str, ...] = ()


def prove(device: str) -> DeviceProof:
    """Run a convolution on `device` and compare it with numpy.

    Raises DeviceUnavailable with cause and fix, UsageError for a device that is on no list.
    """
    weights = np.random.default_rng(0).normal(size=(_CHANNELS, 3, 1, 1)).astype(np.float32)
    pixels = np.random.default_rng(1).normal(size=(1, 3, _SIDE, _SIDE)).astype(np.float32)
    network = Network(_convolution(weights), device=device)
    seconds = 0.0
    for _ in range(2):
        started = perf_counter()
        try:
            (answer,) = network.run(input=pixels)
        except DeviceLost as error:
            raise unavailable(device, str(error)) from error
        seconds = perf_counter() - started
    expected = np.maximum(np.einsum("oiyx,bihw->bohw", weights, pixels), 0.0)
    # Tensor cores round to 10 bits; anything beyond is not the right answer.
    if not np.allclose(answer, expected, atol=0.02):
        raise unavailable(device, "it answered a convolution wrongly")
    return DeviceProof(
        device=device,
        device_name=device_name(device),
        provider=network.provider,
        warmup_ms=seconds * 1000,
    )


def prove_tag(tag: str, *, allow_fallback: bool = False) -> DeviceProof:
    """The best device that a worker tagged gpu or cpu may use, proved.

    A gpu worker that only has a CPU is refused with DeviceUnavailable, unless `allow_fallback`.
    """
    reasons: list[str] = []
    for device in DEVICES[tag] + (DEVICES["cpu"] if allow_fallback and tag != "cpu" else ()):
        try:
            proof = prove(device)
        except DeviceUnavailable as error:
            reasons.append(str(error))
        else:
            return replace(proof, reasons=tuple(reasons))
    raise DeviceUnavailable(f"No {tag} computes here. {' '.join(reasons)}")


def _convolution(weights: NDArray[np.float32]) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    def value(name: str, channels: int) -> Any:
        shape = [1, channels, _SIDE, _SIDE]
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["input", "weights"], ["sum"]),
            helper.make_node("Relu", ["sum"], ["output"]),
        ],
        "proof",
        [value("input", 3)],
        [value("output", _CHANNELS)],
        [numpy_helper.from_array(weights, "weights")],
    )
    opset = [helper.make_opsetid("", 17)]
    model: bytes = helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()
    return model
