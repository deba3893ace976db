"""What a .tflite file computes: its operators, shapes and constant tensors, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray

from posebatch_shared.errors import ModelCorrupt

Array = NDArray[Any]

_DTYPES: Mapping[int, type[np.generic]] = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
}
#: Operators on constants that only say how weights are stored.
_STORAGE = frozenset({"DEQUANTIZE", "DENSIFY"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One step: `kind` as in tflite.BuiltinOperator, tensors by number, options by lower name."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any  #: the table of the schema that belongs to `kind`, None if it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A network in the order of execution. Shapes are (batch, height, width, channels)."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: tuple[Operator, ...]
    shapes: Mapping[int, tuple[int, ...]]
    constants: Mapping[int, Array]  #: weights dense, as float16 or float32 as given


def read_graph(content: bytes) -> Graph:
    """The first subgraph of a .tflite file.

    Raises ModelCorrupt where it stores something in a way that is not known here.
    """
    model = tflite.Model.GetRootAsModel(content, 0)
    table = model.Subgraphs(0)
    tensors = [table.Tensors(i) for i in range(table.TensorsLength())]
    operators = [_operator(model, table.Operators(i)) for i in range(table.OperatorsLength())]
    return Graph(
        inputs=_numbers(table.InputsAsNumpy()),
        outputs=_numbers(table.OutputsAsNumpy()),
        operators=tuple(step for step in operators if step.kind not in _STORAGE),
        shapes={number: _shape(tensor) for number, tensor in enumerate(tensors)},
        constants=_constants(model, tensors, operators),
    )


@cache
def _kinds() -> Mapping[int, str]:
    return {code: name for name, code in vars(tflite.BuiltinOperator).items() if name.isupper()}


def _numbers(values: Any) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def _shape(tensor: Any) -> tuple[int, ...]:
    return _numbers(tensor.ShapeAsNumpy()) if tensor.ShapeLength() else ()


def _operator(model: Any, table: Any) -> Operator:
    code = model.OperatorCodes(table.OpcodeIndex())
    # The one-byte field came first; newer files put codes above 127 into the other.
    kind = _kinds()[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
    return Operator(
        kind=kind,
        inputs=_numbers(table.InputsAsNumpy()),
        outputs=_numbers(table.OutputsAsNumpy()),
        options=_options(table),
    )


_OPTIONS = (
    tflite.AddOptions,
    tflite.ConcatenationOptions,
    tflite.Conv2DOptions,
    tflite.DepthToSpaceOptions,
    tflite.DepthwiseConv2DOptions,
    tflite.Pool2DOptions,
    tflite.ResizeBilinearOptions,
)


def _options(table: Any) -> Any:
    kinds = {getattr(tflite.BuiltinOptions, kind.__name__): kind for kind in _OPTIONS}
    kind, stored = kinds.get(table.BuiltinOptionsType()), table.BuiltinOptions()
    if kind is None or stored is None:
        return None
    options = kind()
    options.Init(stored.Bytes, stored.Pos)
    return options


def _constants(
    model: Any, tensors: Sequence[Any], operators: Sequence[Operator]
) -> dict[int, Array]:
    """Stored tensors, and those that storage operators make of them."""
    constants = {
        number: _stored(model, tensor)
        for number, tensor in enumerate(tensors)
        if model.Buffers(tensor.Buffer()).DataLength()
    }
    for step in operators:
        if step.kind in _STORAGE:
            constants[step.outputs[0]] = constants[step.inputs[0]]
    return constants


def _stored(model: Any, tensor: Any) -> Array:
    if tensor.Type() not in _DTYPES:
        raise ModelCorrupt(f"Tensor {tensor.Name()} has the unknown type {tensor.Type()}.")
    values = model.Buffers(tensor.Buffer()).DataAsNumpy().view(_DTYPES[tensor.Type()])
    sparsity = tensor.Sparsity()
    if sparsity is None:
        return np.asarray(values.reshape(_shape(tensor)))
    return _dense(values, _shape(tensor), sparsity)


def _dense(values: Array, shape: tuple[int, ...], sparsity: Any) -> Array:
    """Values at their places: every axis dense but the last, which is compressed row by row."""
    axes = [sparsity.DimMetadata(i) for i in range(sparsity.DimMetadataLength())]
    *outer, last = [axis.Format() for axis in axes]
    compressed = last == tflite.DimensionType.SPARSE_CSR and not any(outer)
    if not compressed or sparsity.BlockMapLength() or len(axes) != len(shape):
        raise ModelCorrupt("Sparse weights with blocks or several compressed axes are not known.")
    segments = _vector(axes[-1].ArraySegmentsType(), axes[-1].ArraySegments())
    columns = _vector(axes[-1].ArrayIndicesType(), axes[-1].ArrayIndices())
    rows = np.repeat(np.arange(len(segments) - 1), np.diff(segments))
    dense = np.zeros((len(segments) - 1, shape[-1]), values.dtype)
    dense[rows, columns] = values
    return dense.reshape(shape)


def _vector(kind: int, table: Any) -> NDArray[np.int64]:
    kinds = {
        tflite.SparseIndexVector.Int32Vector: tflite.Int32Vector,
        tflite.SparseIndexVector.Uint16Vector: tflite.Uint16Vector,
        tflite.SparseIndexVector.Uint8Vector: tflite.Uint8Vector,
    }
    vector = kinds[kind]()
    vector.Init(table.Bytes, table.Pos)
    return np.asarray(vector.ValuesAsNumpy(), dtype=np.int64)
