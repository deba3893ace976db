"""The same network as an ONNX model: channels first, any batch, pictures of bytes as input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx
import tflite
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from posebatch_shared.errors import ModelCorrupt
from posebatch_workers.trackers.blazepose.tflite_graph import Graph, Operator

OPSET = 18
INPUT = "pixels"


def to_onnx(graph: Graph, *, outputs: Mapping[str, int], scale: float, offset: float) -> bytes:
    """An ONNX model that computes only `outputs` (name → tensor number), the rest is dropped.

    Input `pixels` (N, height, width, 3) uint8; the network sees pixels · scale + offset. Outputs
    are as in the .tflite file, but four-dimensional ones are (N, channels, height, width).
    Raises ModelCorrupt for an operator that is not known here.
    """
    writer = _Writer(graph)
    writer.picture(scale, offset)
    for step in _needed(graph, outputs.values()):
        if step.kind not in _WRITERS:
            raise ModelCorrupt(f"The operator {step.kind} is not known.")
        _WRITERS[step.kind](writer, step)
    for name, number in outputs.items():
        writer.add("Identity", [_name(number)], name)
    return writer.model(outputs)


def _needed(graph: Graph, wanted: Any) -> list[Operator]:
    """The operators that `wanted` tensors depend on, in order."""
    needed, steps = set(wanted), []
    for step in reversed(graph.operators):
        if needed.intersection(step.outputs):
            needed.update(step.inputs)
            steps.append(step)
    return steps[::-1]


def _name(number: int) -> str:
    return f"t{number}"


class _Writer:
    """Collects nodes and weights. Tensor `t7` holds what tensor 7 holds, with channels first."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}
        self.margins: dict[int, tuple[int, NDArray[Any]]] = {}  # padded tensor → (bare, margins)

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def add_activated(
        self, kind: str, inputs: Sequence[str], output: int, activation: int, **attributes: Any
    ) -> None:
        """An operator and the activation that TFLite has fused into it."""
        name = _name(output)
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
        (number,) = self.graph.inputs
        name = _name(number)
        self.add("Cast", [INPUT], f"{name}_float", to=TensorProto.FLOAT)
        factor = self.constant(f"{name}_scale", np.float32(scale))
        self.add("Mul", [f"{name}_float", factor], f"{name}_scaled")
        term = self.constant(f"{name}_offset", np.float32(offset))
        self.add("Add", [f"{name}_scaled", term], f"{name}_last")
        self.add("Transpose", [f"{name}_last"], name, perm=[0, 3, 1, 2])

    def model(self, outputs: Mapping[str, int]) -> bytes:
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


def _pad(writer: _Writer, step: Operator) -> None:
    """Left to the convolutions that read it: they can pad with zeros themselves."""
    margins = writer.graph.constants[step.inputs[1]]
    writer.margins[step.outputs[0]] = (step.inputs[0], margins[1:3])


def _convolution(writer: _Writer, step: Operator) -> None:
    data, weights, bias = step.inputs
    kernel = writer.graph.constants[weights]
    depthwise = step.kind == "DEPTHWISE_CONV_2D"
    # TFLite: (out, height, width, in), depthwise (1, height, width, out); ONNX: (out, in, …).
    order = (3, 0, 1, 2) if depthwise else (0, 3, 1, 2)
    inputs = [
        writer.constant(_name(weights), kernel.transpose(order)),
        writer.constant(_name(bias), writer.graph.constants[bias]),
    ]
    bare, pads = _padding(writer, step, data, kernel.shape[1:3])
    writer.add_activated(
        "Conv",
        [_name(bare), *inputs],
        step.outputs[0],
        step.options.FusedActivationFunction(),
        strides=_strides(step),
        pads=pads,
        group=kernel.shape[3] if depthwise else 1,
    )


def _strides(step: Operator) -> list[int]:
    return [step.options.StrideH(), step.options.StrideW()]


def _padding(
    writer: _Writer, step: Operator, data: int, window: Sequence[int]
) -> tuple[int, list[int]]:
    """The tensor to read and ONNX's pads: what a PAD before it and the option SAME ask for."""
    bare, margins = writer.margins.get(data, (data, np.zeros((2, 2), int)))
    shape = writer.graph.shapes[data][1:3]
    if step.options.Padding() == tflite.Padding.SAME:
        margins = margins + [
            _same(size, kernel, stride)
            for size, kernel, stride in zip(shape, window, _strides(step), strict=True)
        ]
    return bare, [int(value) for value in margins.T.ravel()]


def _same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's SAME: outputs = ceil(size / stride), the odd one of the padding at the end."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _pool(writer: _Writer, step: Operator) -> None:
    window = [step.options.FilterHeight(), step.options.FilterWidth()]
    bare, pads = _padding(writer, step, step.inputs[0], window)
    activation = step.options.FusedActivationFunction()
    writer.add_activated(
        "MaxPool",
        [_name(bare)],
        step.outputs[0],
        activation,
        kernel_shape=window,
        strides=_strides(step),
        pads=pads,
    )


def _sum(writer: _Writer, step: Operator) -> None:
    activation = step.options.FusedActivationFunction()
    writer.add_activated("Add", [_name(i) for i in step.inputs], step.outputs[0], activation)


def _resize(writer: _Writer, step: Operator) -> None:
    if not step.options.HalfPixelCenters() or step.options.AlignCorners():
        raise ModelCorrupt("Only bilinear resizing with half-pixel centres is known.")
    data, output = step.inputs[0], step.outputs[0]
    before, after = writer.graph.shapes[data], writer.graph.shapes[output]
    scales = np.array([1, 1, after[1] / before[1], after[2] / before[2]], np.float32)
    writer.add(
        "Resize",
        [_name(data), "", writer.constant(f"t{output}_scales", scales)],
        _name(output),
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )


def _reshape(writer: _Writer, step: Operator) -> None:
    """Values keep TFLite's order, so channels go last before the shape changes."""
    data, output = step.inputs[0], step.outputs[0]
    last = f"t{output}_last"
    writer.add("Transpose", [_name(data)], last, perm=[0, 2, 3, 1])
    shape = np.array([0, *writer.graph.shapes[output][1:]], np.int64)
    writer.add("Reshape", [last, writer.constant(f"t{output}_shape", shape)], _name(output))


def _depth_to_space(writer: _Writer, step: Operator) -> None:
    block = step.options.BlockSize()
    names = [_name(step.inputs[0])], _name(step.outputs[0])
    writer.add("DepthToSpace", *names, blocksize=block, mode="DCR")


def _concatenation(writer: _Writer, step: Operator) -> None:
    axis = step.options.Axis()
    if len(writer.graph.shapes[step.outputs[0]]) != 3:
        raise ModelCorrupt("Only flattened tensors can be concatenated.")
    writer.add("Concat", [_name(i) for i in step.inputs], _name(step.outputs[0]), axis=axis)


def _logistic(writer: _Writer, step: Operator) -> None:
    writer.add("Sigmoid", [_name(step.inputs[0])], _name(step.outputs[0]))


_WRITERS: Mapping[str, Callable[[_Writer, Operator], None]] = MappingProxyType(
    {
        "ADD": _sum,
        "CONCATENATION": _concatenation,
        "CONV_2D": _convolution,
        "DEPTHWISE_CONV_2D": _convolution,
        "DEPTH_TO_SPACE": _depth_to_space,
        "LOGISTIC": _logistic,
        "MAX_POOL_2D": _pool,
        "PAD": _pad,
        "RESHAPE": _reshape,
        "RESIZE_BILINEAR": _resize,
    }
)
