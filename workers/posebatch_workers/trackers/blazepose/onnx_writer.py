"""An ONNX model in the making: nodes and weights, named after the tensors of a .tflite file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import tflite
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from posebatch_shared.errors import ModelCorrupt
from posebatch_workers.trackers.blazepose.tflite_graph import Graph

OPSET = 18
INPUT = "pixels"


def tensor_name(number: int) -> str:
    """What tensor `number` is called here."""
    return f"t{number}"


class OnnxWriter:
    """Collects nodes and weights. Tensor `t7` holds what tensor 7 holds, with channels first."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}
        self.margins: dict[int, tuple[int, NDArray[Any]]] = {}  # padded tensor → (bare, margins)

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:
        """One node."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def add_activated(
        self, kind: str, inputs: Sequence[str], output: int, activation: int, **attributes: Any
    ) -> None:
        """An operator and the activation that TFLite has fused into it."""
        name = tensor_name(output)
        if activation == tflite.ActivationFunctionType.NONE:
            return self.add(kind, inputs, name, **attributes)
        self.add(kind, inputs, f"{name}_raw", **attributes)
        if activation == tflite.ActivationFunctionType.RELU:
            return self.add("Relu", [f"{name}_raw"], name)
        if activation == tflite.ActivationFunctionType.RELU6:
            bounds = [self.constant(f"{name}_{edge}", np.float32(edge)) for edge in (0, 6)]
            return self.add("Clip", [f"{name}_raw", *bounds], name)
        raise ModelCorrupt(f"The fused activation {activation} is not known.")

    def constant(self, name: str, values: Any) -> str:
        """Stored as given; float16 weights are widened once, when the session is made."""
        wide = f"{name}_wide" if values.dtype == np.float16 else name
        if name not in self.weights:  # some are shared
            self.weights[name] = numpy_helper.from_array(np.asarray(values, order="C"), name)
            if wide != name:
                self.add("Cast", [name], wide, to=TensorProto.FLOAT)
        return wide

    def picture(self, scale: float, offset: float) -> None:
        """The way from bytes, channels last, to what the network's first tensor holds."""
        (number,) = self.graph.inputs
        name = tensor_name(number)
        self.add("Cast", [INPUT], f"{name}_float", to=TensorProto.FLOAT)
        factor = self.constant(f"{name}_scale", np.float32(scale))
        self.add("Mul", [f"{name}_float", factor], f"{name}_scaled")
        term = self.constant(f"{name}_offset", np.float32(offset))
        self.add("Add", [f"{name}_scaled", term], f"{name}_last")
        self.add("Transpose", [f"{name}_last"], name, perm=[0, 3, 1, 2])

    def model(self, outputs: Mapping[str, int]) -> bytes:
        """The whole, serialised; `outputs` name → tensor number."""
        shapes = self.graph.shapes
        (number,) = self.graph.inputs
        answers = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *_first(shapes[tensor])])
            for name, tensor in outputs.items()
        ]
        pixels = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", *shapes[number][1:]])
        graph = helper.make_graph(
            self.nodes, "blazepose", [pixels], answers, [*self.weights.values()]
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=9)
        return bytes(model.SerializeToString())


def _first(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Shape without its batch, channels first."""
    return (shape[3], shape[1], shape[2]) if len(shape) == 4 else shape[1:]
