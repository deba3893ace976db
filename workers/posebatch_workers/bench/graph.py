"""Writing ONNX networks layer by layer, with drawn weights, and counting what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Shape = Sequence[int | str]


class Graph:
    """Nodes appended one after another; each method returns the name of its output.

    `macs` counts multiply-accumulates per picture of convolutions and linear layers.
    """

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self.channels: dict[str, int] = {}
        self.pixels: dict[str, tuple[int, int]] = {}  #: (height, width)
        self.macs = 0

    def picture(self, name: str, channels: int, height: int, width: int) -> str:
        """Declare an input of this shape."""
        self.channels[name], self.pixels[name] = channels, (height, width)
        return name

    def add(self, kind: str, *inputs: str, outputs: int = 1, **attributes: object) -> str:
        """Any operator; with several outputs the names are joined by `_0`, `_1`, …"""
        name = f"{kind.lower()}{len(self._nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        if inputs and inputs[0] in self.channels and outputs == 1:
            self.channels[name] = self.channels[inputs[0]]
            self.pixels[name] = self.pixels[inputs[0]]
        return name

    def constant(self, values: NDArray[np.generic] | Sequence[Any] | float) -> str:
        """A constant; plain numbers become float32."""
        array = values if isinstance(values, np.ndarray) else np.asarray(values, np.float32)
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(array, name))
        return name

    def conv(
        self, x: str, channels: int, kernel: int = 1, *, stride: int = 1, depthwise: bool = False
    ) -> str:
        """Convolution with `same` padding and drawn weights that keep the variance."""
        groups = self.channels[x] if depthwise else 1
        per_group = self.channels[x] // groups
        fan_in = per_group * kernel * kernel
        weights = self._random.normal(0, (2 / fan_in) ** 0.5, (channels, per_group, kernel, kernel))
        height, width = (-(-side // stride) for side in self.pixels[x])
        name = self.add(
            "Conv",
            x,
            self.constant(weights.astype(np.float32)),
            self.constant(np.zeros(channels, np.float32)),
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[kernel // 2] * 4,
            group=groups,
        )
        self.channels[name], self.pixels[name] = channels, (height, width)
        self.macs += channels * fan_in * height * width
        return name

    def conv_silu(
        self, x: str, channels: int, kernel: int = 1, *, stride: int = 1, depthwise: bool = False
    ) -> str:
        """Convolution and SiLU, the unit that both families are made of."""
        x = self.conv(x, channels, kernel, stride=stride, depthwise=depthwise)
        return self.silu(x)

    def silu(self, x: str) -> str:
        """x · sigmoid(x)."""
        return self.add("Mul", x, self.add("Sigmoid", x))

    def concat(self, *parts: str) -> str:
        """Along the channels."""
        name = self.add("Concat", *parts, axis=1)
        self.channels[name] = sum(self.channels[part] for part in parts)
        return name

    def linear(self, x: str, rows: int, inputs: int, outputs: int) -> str:
        """(…, rows, inputs) → (…, rows, outputs)."""
        weights = self._random.normal(0, inputs**-0.5, (inputs, outputs)).astype(np.float32)
        self.macs += rows * inputs * outputs
        return self.add("MatMul", x, self.constant(weights))

    def upsample(self, x: str) -> str:
        """Twice the size, nearest neighbour."""
        name = self.add("Resize", x, "", self.constant([1.0, 1.0, 2.0, 2.0]), mode="nearest")
        height, width = self.pixels[x]
        self.pixels[name] = (height * 2, width * 2)
        return name

    def save(
        self, path: Path, inputs: Mapping[str, Shape], outputs: Mapping[str, tuple[str, Shape]]
    ) -> None:
        """Write the model; `outputs` gives for each public name the inner one and its shape."""
        named = [helper.make_node("Identity", [o[0]], [name]) for name, o in outputs.items()]
        graph = helper.make_graph(
            self._nodes + named,
            "network",
            [_value(name, shape) for name, shape in inputs.items()],
            [_value(name, shape) for name, (_, shape) in outputs.items()],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, str(path))


def _value(name: str, shape: Shape) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
