"""The same network as an ONNX model: channels first, any batch, pictures of bytes as input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import tflite

from posebatch_shared.errors import ModelCorrupt
from posebatch_workers.trackers.blazepose.onnx_writer import OnnxWriter, tensor_name
from posebatch_workers.trackers.blazepose.tflite_graph import Graph, Operator


def to_onnx(graph: Graph, *, outputs: Mapping[str, int], scale: float, offset: float) -> bytes:
    """An ONNX model that computes only `outputs` (name → tensor number), the rest is dropped.

    Input `pixels` (N, height, width, 3) uint8; the network sees pixels · scale + offset. Outputs
    are as in the .tflite file, but four-dimensional ones are (N, channels, height, width).
    Raises ModelCorrupt for an operator that is not known here.
    """
    writer = OnnxWriter(graph)
    writer.picture(scale, offset)
    for step in _needed(graph, outputs.values()):
        if step.kind not in _CONVERTERS:
            raise ModelCorrupt(f"The operator {step.kind} is not known.")
        _CONVERTERS[step.kind](writer, step)
    for name, number in outputs.items():
        writer.add("Identity", [tensor_name(number)], name)
    return writer.model(outputs)


def _needed(graph: Graph, wanted: Any) -> list[Operator]:
    """The operators that `wanted` tensors depend on, in order."""
    needed, steps = set(wanted), []
    for step in reversed(graph.operators):
        if needed.intersection(step.outputs):
            needed.update(step.inputs)
            steps.append(step)
    return steps[::-1]


def _pad(writer: OnnxWriter, step: Operator) -> None:
    """Left to the convolutions that read it: they can pad with zeros themselves."""
    margins = writer.graph.constants[step.inputs[1]]
    writer.margins[step.outputs[0]] = (step.inputs[0], margins[1:3])


def _convolution(writer: OnnxWriter, step: Operator) -> None:
    data, weights, bias = step.inputs
    kernel = writer.graph.constants[weights]
    depthwise = step.kind == "DEPTHWISE_CONV_2D"
    # TFLite: (out, height, width, in), depthwise (1, height, width, out); ONNX: (out, in, …).
    order = (3, 0, 1, 2) if depthwise else (0, 3, 1, 2)
    inputs = [
        writer.constant(tensor_name(weights), kernel.transpose(order)),
        writer.constant(tensor_name(bias), writer.graph.constants[bias]),
    ]
    bare, pads = _padding(writer, step, data, kernel.shape[1:3])
    writer.add_activated(
        "Conv",
        [tensor_name(bare), *inputs],
        step.outputs[0],
        step.options.FusedActivationFunction(),
        strides=_strides(step),
        pads=pads,
        group=kernel.shape[3] if depthwise else 1,
    )


def _strides(step: Operator) -> list[int]:
    return [step.options.StrideH(), step.options.StrideW()]


def _padding(
    writer: OnnxWriter, step: Operator, data: int, window: Sequence[int]
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


def _pool(writer: OnnxWriter, step: Operator) -> None:
    window = [step.options.FilterHeight(), step.options.FilterWidth()]
    bare, pads = _padding(writer, step, step.inputs[0], window)
    activation = step.options.FusedActivationFunction()
    writer.add_activated(
        "MaxPool",
        [tensor_name(bare)],
        step.outputs[0],
        activation,
        kernel_shape=window,
        strides=_strides(step),
        pads=pads,
    )


def _sum(writer: OnnxWriter, step: Operator) -> None:
    activation = step.options.FusedActivationFunction()
    writer.add_activated("Add", [tensor_name(i) for i in step.inputs], step.outputs[0], activation)


def _resize(writer: OnnxWriter, step: Operator) -> None:
    if not step.options.HalfPixelCenters() or step.options.AlignCorners():
        raise ModelCorrupt("Only bilinear resizing with half-pixel centres is known.")
    data, output = step.inputs[0], step.outputs[0]
    before, after = writer.graph.shapes[data], writer.graph.shapes[output]
    scales = np.array([1, 1, after[1] / before[1], after[2] / before[2]], np.float32)
    writer.add(
        "Resize",
        [tensor_name(data), "", writer.constant(f"t{output}_scales", scales)],
        tensor_name(output),
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )


def _reshape(writer: OnnxWriter, step: Operator) -> None:
    """Values keep TFLite's order, so channels go last before the shape changes."""
    data, output = step.inputs[0], step.outputs[0]
    last = f"t{output}_last"
    writer.add("Transpose", [tensor_name(data)], last, perm=[0, 2, 3, 1])
    shape = np.array([0, *writer.graph.shapes[output][1:]], np.int64)
    writer.add("Reshape", [last, writer.constant(f"t{output}_shape", shape)], tensor_name(output))


def _depth_to_space(writer: OnnxWriter, step: Operator) -> None:
    block = step.options.BlockSize()
    names = [tensor_name(step.inputs[0])], tensor_name(step.outputs[0])
    writer.add("DepthToSpace", *names, blocksize=block, mode="DCR")


def _concatenation(writer: OnnxWriter, step: Operator) -> None:
    parts = [tensor_name(i) for i in step.inputs]
    if len(writer.graph.shapes[step.outputs[0]]) != 3:
        raise ModelCorrupt("Only flattened tensors can be concatenated.")
    writer.add("Concat", parts, tensor_name(step.outputs[0]), axis=step.options.Axis())


def _logistic(writer: OnnxWriter, step: Operator) -> None:
    writer.add("Sigmoid", [tensor_name(step.inputs[0])], tensor_name(step.outputs[0]))


_CONVERTERS: Mapping[str, Callable[[OnnxWriter, Operator], None]] = MappingProxyType(
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
