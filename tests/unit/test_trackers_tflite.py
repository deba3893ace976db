"""The converter writes what TFLite's operators mean: padding, order of axes, activations."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import flatbuffers
import numpy as np
import onnxruntime
import pytest
import tflite
from numpy.typing import NDArray
from scipy.signal import correlate

from posebatch_shared.errors import ModelCorrupt
from posebatch_workers.trackers.blazepose import tflite_graph
from posebatch_workers.trackers.blazepose.tflite_graph import Graph, Operator
from posebatch_workers.trackers.blazepose.tflite_to_onnx import to_onnx

Array = NDArray[Any]
RNG = np.random.default_rng(1)
NONE, RELU6 = tflite.ActivationFunctionType.NONE, tflite.ActivationFunctionType.RELU6
SAME, VALID = tflite.Padding.SAME, tflite.Padding.VALID


def options(**values: Any) -> Any:
    """A table of the schema: every field is a method."""
    return SimpleNamespace(**{name: (lambda value=value: value) for name, value in values.items()})


def step(kind: str, inputs: tuple[int, ...], output: int, **values: Any) -> Operator:
    return Operator(kind=kind, inputs=inputs, outputs=(output,), options=options(**values))


def graph(
    steps: list[Operator], shapes: dict[int, tuple[int, ...]], constants: dict[int, Array]
) -> Graph:
    return Graph(
        inputs=(0,), outputs=(9,), operators=tuple(steps), shapes=shapes, constants=constants
    )


def run(network: Graph, pixels: Array, output: int = 9, scale: float = 1.0) -> Array:
    model = to_onnx(network, outputs={"answer": output}, scale=scale, offset=-1.0)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"pixels": pixels})[0])


def picture(height: int, width: int, batch: int = 1) -> NDArray[np.uint8]:
    return RNG.integers(0, 256, (batch, height, width, 3), dtype=np.uint8)


def plain_convolution(data: Array, kernel: Array, bias: Array) -> Array:
    """(height, width, in) with (out, h, w, in), no padding, stride 1."""
    maps = [correlate(data, k, mode="valid")[:, :, 0] for k in kernel]
    return np.stack(maps, axis=-1) + bias


def padded(data: Array, top: int, bottom: int, left: int, right: int) -> Array:
    return np.pad(data, ((top, bottom), (left, right), (0, 0)))


def test_convolution_with_same_padding_puts_the_odd_row_at_the_end() -> None:
    kernel, bias = RNG.normal(size=(4, 3, 3, 3)), RNG.normal(size=4)
    conv = step(
        "CONV_2D", (0, 1, 2), 9, Padding=SAME, StrideH=2, StrideW=2, FusedActivationFunction=RELU6
    )
    shapes = {0: (1, 6, 8, 3), 9: (1, 3, 4, 4)}
    weights = {1: kernel.astype(np.float16), 2: bias.astype(np.float32)}
    pixels = picture(6, 8, batch=2)
    answer = run(graph([conv], shapes, weights), pixels, scale=1 / 127.5)
    data = padded(pixels[1] / 127.5 - 1, 0, 1, 0, 1)
    expected = plain_convolution(data, weights[1].astype(float), bias)[::2, ::2].clip(0, 6)
    assert answer.shape == (2, 4, 3, 4)
    np.testing.assert_allclose(answer[1].transpose(1, 2, 0), expected, atol=1e-4)


def test_a_pad_before_a_depthwise_convolution_is_taken_into_it() -> None:
    kernel, bias = RNG.normal(size=(1, 3, 3, 3)).astype(np.float32), np.zeros(3, np.float32)
    steps = [
        Operator(kind="PAD", inputs=(0, 3), outputs=(4,), options=None),
        step(
            "DEPTHWISE_CONV_2D",
            (4, 1, 2),
            9,
            Padding=VALID,
            StrideH=1,
            StrideW=1,
            FusedActivationFunction=NONE,
        ),
    ]
    shapes = {0: (1, 5, 5, 3), 4: (1, 8, 7, 3), 9: (1, 6, 5, 3)}
    margins = np.array([[0, 0], [2, 1], [1, 1], [0, 0]], np.int32)
    pixels = picture(5, 5)
    answer = run(graph(steps, shapes, {1: kernel, 2: bias, 3: margins}), pixels)
    data = padded(pixels[0] - 1.0, 2, 1, 1, 1)
    channels = [correlate(data[..., c], kernel[0, ..., c], mode="valid") for c in range(3)]
    np.testing.assert_allclose(answer[0], np.stack(channels), rtol=1e-4, atol=1e-3)


def test_reshape_and_concatenation_keep_channels_last() -> None:
    steps = [
        Operator(kind="RESHAPE", inputs=(0,), outputs=(1,), options=None),
        step("CONCATENATION", (1, 1), 9, Axis=1),
    ]
    shapes = {0: (1, 2, 3, 3), 1: (1, 6, 3), 9: (1, 12, 3)}
    pixels = picture(2, 3, batch=2)
    answer = run(graph(steps, shapes, {}), pixels)
    flat = pixels.reshape(2, 6, 3) - 1.0
    np.testing.assert_allclose(answer, np.concatenate([flat, flat], axis=1))


def test_depth_to_space_pooling_sum_and_logistic() -> None:
    kernel = np.eye(12, 3, dtype=np.float32).reshape(12, 1, 1, 3)
    steps = [
        step(
            "CONV_2D",
            (0, 1, 2),
            3,
            Padding=SAME,
            StrideH=1,
            StrideW=1,
            FusedActivationFunction=NONE,
        ),
        step("DEPTH_TO_SPACE", (3,), 4, BlockSize=2),
        step("ADD", (4, 4), 5, FusedActivationFunction=tflite.ActivationFunctionType.RELU),
        step(
            "MAX_POOL_2D",
            (5,),
            6,
            Padding=VALID,
            FilterHeight=2,
            FilterWidth=2,
            StrideH=2,
            StrideW=2,
            FusedActivationFunction=NONE,
        ),
        step("LOGISTIC", (6,), 9),
    ]
    shapes = {
        0: (1, 2, 2, 3),
        3: (1, 2, 2, 12),
        4: (1, 4, 4, 3),
        5: (1, 4, 4, 3),
        6: (1, 2, 2, 3),
        9: (1, 2, 2, 3),
    }
    network = graph(steps, shapes, {1: kernel, 2: np.zeros(12, np.float32)})
    pixels = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
    # TFLite's order: the first three of twelve channels are the upper left pixel of each block.
    expected = np.zeros((4, 4, 3))
    expected[::2, ::2] = pixels[0] - 1.0
    np.testing.assert_allclose(run(network, pixels, 4)[0].transpose(1, 2, 0), expected)
    pooled = 2 * np.maximum(pixels[0] - 1.0, 0)
    answer = run(network, pixels)[0].transpose(1, 2, 0)
    np.testing.assert_allclose(answer, 1 / (1 + np.exp(-pooled)), rtol=1e-5)


def test_resizing_is_bilinear_between_pixel_centres() -> None:
    centred = step("RESIZE_BILINEAR", (0, 1), 9, HalfPixelCenters=True, AlignCorners=False)
    shapes = {0: (1, 1, 2, 3), 9: (1, 2, 4, 3)}
    pixels = np.array([[[[1, 1, 1], [9, 9, 9]]]], np.uint8)
    answer = run(graph([centred], shapes, {}), pixels)
    np.testing.assert_allclose(answer[0, 0], [[0, 2, 6, 8]] * 2)
    cornered = step("RESIZE_BILINEAR", (0, 1), 9, HalfPixelCenters=False, AlignCorners=True)
    with pytest.raises(ModelCorrupt, match="half-pixel"):
        run(graph([cornered], shapes, {}), pixels)


def test_only_what_the_wanted_outputs_need_is_converted() -> None:
    unknown = Operator(kind="CUSTOM", inputs=(0,), outputs=(9,), options=None)
    wanted = step("LOGISTIC", (0,), 8)
    network = graph([wanted, unknown], {0: (1, 1, 1, 3), 8: (1, 1, 1, 3), 9: (1, 1)}, {})
    assert run(network, picture(1, 1), output=8).shape == (1, 3, 1, 1)
    with pytest.raises(ModelCorrupt, match="CUSTOM"):
        run(network, picture(1, 1), output=9)


def vector(*values: int) -> Any:
    """A Uint8Vector table, as it lies in a file."""
    writer = flatbuffers.Builder(64)
    tflite.Uint8VectorStartValuesVector(writer, len(values))
    for value in reversed(values):
        writer.PrependUint8(value)
    items = writer.EndVector()
    tflite.Uint8VectorStart(writer)
    tflite.Uint8VectorAddValues(writer, items)
    writer.Finish(tflite.Uint8VectorEnd(writer))
    return tflite.Uint8Vector.GetRootAs(bytes(writer.Output()), 0)._tab


def test_sparse_rows_are_put_back_in_their_places() -> None:
    dense_axis = options(Format=tflite.DimensionType.DENSE)
    last_axis = options(
        Format=tflite.DimensionType.SPARSE_CSR,
        ArraySegmentsType=tflite.SparseIndexVector.Uint8Vector,
        ArraySegments=vector(0, 2, 2, 3),
        ArrayIndicesType=tflite.SparseIndexVector.Uint8Vector,
        ArrayIndices=vector(0, 3, 1),
    )
    axes = [dense_axis, dense_axis, last_axis]
    sparsity = SimpleNamespace(
        DimMetadata=axes.__getitem__, DimMetadataLength=lambda: 3, BlockMapLength=lambda: 0
    )
    dense = tflite_graph._dense(np.array([5, 6, 7], np.float16), (3, 1, 4), sparsity)
    assert dense.tolist() == [[[5, 0, 0, 6]], [[0, 0, 0, 0]], [[0, 7, 0, 0]]]
    sparsity.BlockMapLength = lambda: 1
    with pytest.raises(ModelCorrupt, match="blocks"):
        tflite_graph._dense(np.array([5, 6, 7], np.float16), (3, 1, 4), sparsity)
