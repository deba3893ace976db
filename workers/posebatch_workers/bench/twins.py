"""Networks with the layers, input, outputs and cost of RTMPose and YOLOX, but drawn weights.

They tell how fast a machine is where the real weights cannot be fetched; what they answer means
nothing. The detector's twin always reports one person in the middle of the picture.
Layers after Lyu et al. 2022 (CSPNeXt), Jiang et al. 2023 (RTMPose), Ge et al. 2021 (YOLOX).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from posebatch_workers.bench.graph import Graph

#: depth and width factors of the CSPNeXt backbones
_POSE_SIZES = {"t": (0.167, 0.375), "s": (0.33, 0.5), "m": (0.67, 0.75)}
_DETECTOR_SIZES = {"tiny": (0.33, 0.375), "m": (0.67, 0.75)}
_HALPE_NODES = 26
_PERSON = (0.38, 0.12, 0.62, 0.88)  # of the detector's input


def rtmpose_twin(path: Path, size: str = "s", *, batch: int | str = "batch") -> int:
    """Write RTMPose 256×192 for 26 keypoints; returns its multiply-accumulates per crop.

    input (batch, 3, 256, 192); simcc_x (batch, 26, 384), simcc_y (batch, 26, 512).
    """
    graph = Graph()
    x = _cspnext(graph, graph.picture("input", 3, 256, 192), *_POSE_SIZES[size])
    tokens = _head_tokens(graph, x)
    shapes = {"simcc_x": (batch, _HALPE_NODES, 384), "simcc_y": (batch, _HALPE_NODES, 512)}
    outputs = {
        name: (graph.linear(tokens, _HALPE_NODES, 256, shape[2]), shape)
        for name, shape in shapes.items()
    }
    graph.save(path, {"input": (batch, 3, 256, 192)}, outputs)
    return graph.macs


def yolox_twin(path: Path, size: str = "tiny", *, side: int = 416) -> int:
    """Write YOLOX with one class; returns its multiply-accumulates per picture.

    input (1, 3, side, side); dets (1, 1, 5) and labels (1, 1), as exported with the suppression.
    """
    graph = Graph()
    levels = _darknet(graph, graph.picture("input", 3, side, side), *_DETECTOR_SIZES[size])
    answers = _yolox_heads(graph, _pyramid(graph, levels, _DETECTOR_SIZES[size][0]))
    person = graph.constant([[[*(side * corner for corner in _PERSON), 0.9]]])
    dets = graph.add("Add", person, _faint(graph, answers))
    labels = graph.add("ReduceMin", graph.add("Sub", dets, dets), axes=[2], keepdims=0)
    outputs = {"dets": (dets, (1, 1, 5)), "labels": (labels, (1, 1))}
    graph.save(path, {"input": (1, 3, side, side)}, outputs)
    return graph.macs


def _blocks(count: int, depth: float) -> int:
    return max(1, round(count * depth))


def _cspnext(graph: Graph, x: str, depth: float, width: float) -> str:
    stem = int(64 * width)
    x = graph.conv_silu(x, stem // 2, 3, stride=2)
    x = graph.conv_silu(graph.conv_silu(x, stem // 2, 3), stem, 3)
    for stage, (channels, count) in enumerate(((128, 3), (256, 6), (512, 6), (1024, 3))):
        channels = int(channels * width)
        x = graph.conv_silu(x, channels, 3, stride=2)
        if stage == 3:
            x = _pyramid_pooling(graph, x, channels)
        x = _csp(graph, x, channels, _blocks(count, depth), _next_block, attention=True)
    return x


def _next_block(graph: Graph, x: str) -> str:
    channels = graph.channels[x]
    inner = graph.conv_silu(graph.conv_silu(x, channels, 3), channels, 5, depthwise=True)
    return graph.add("Add", graph.conv_silu(inner, channels), x)


def _dark_block(graph: Graph, x: str) -> str:
    channels = graph.channels[x]
    return graph.add("Add", graph.conv_silu(graph.conv_silu(x, channels), channels, 3), x)


def _csp(
    graph: Graph,
    x: str,
    channels: int,
    count: int,
    block: Callable[[Graph, str], str],
    *,
    attention: bool = False,
) -> str:
    """Cross-stage partial layer: half of the channels goes through the blocks, half around them."""
    around, inner = (graph.conv_silu(x, channels // 2) for _ in range(2))
    for _ in range(count):
        inner = block(graph, inner)
    x = graph.concat(inner, around)
    if attention:
        pooled = graph.add("GlobalAveragePool", x)
        graph.pixels[pooled] = (1, 1)
        gate = graph.add("HardSigmoid", graph.conv(pooled, channels), alpha=1 / 6, beta=0.5)
        x = graph.add("Mul", x, gate)
    return graph.conv_silu(x, channels)


def _pyramid_pooling(graph: Graph, x: str, channels: int) -> str:
    x = graph.conv_silu(x, graph.channels[x] // 2)
    pools = [
        graph.add("MaxPool", x, kernel_shape=[k, k], strides=[1, 1], pads=[k // 2] * 4)
        for k in (5, 9, 13)
    ]
    return graph.conv_silu(graph.concat(x, *pools), channels)


def _head_tokens(graph: Graph, x: str) -> str:
    """RTMPose's head up to its last linear layers: (batch, 26, 256), one token per keypoint."""
    height, width = graph.pixels[x]
    maps = graph.conv(x, _HALPE_NODES, 7)
    tokens = graph.add("Reshape", maps, graph.constant(np.array([0, _HALPE_NODES, -1], np.int64)))
    tokens = graph.linear(_scaled(graph, tokens), _HALPE_NODES, height * width, 256)
    return graph.add("Add", tokens, _gated_attention(graph, _scaled(graph, tokens)))


def _scaled(graph: Graph, x: str) -> str:
    return graph.add("Div", x, graph.add("ReduceL2", x, axes=[2]))


def _gated_attention(graph: Graph, x: str) -> str:
    nodes, inner, shared = _HALPE_NODES, 512, 128
    u, v = (graph.silu(graph.linear(x, nodes, 256, inner)) for _ in range(2))
    base = graph.silu(graph.linear(x, nodes, 256, shared))
    query, key = (graph.add("Mul", base, graph.constant([0.1] * shared)) for _ in range(2))
    scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 2, 1]))
    kernel = graph.add("Relu", graph.add("Div", scores, graph.constant(shared**0.5)))
    mixed = graph.add("Mul", u, graph.add("MatMul", graph.add("Mul", kernel, kernel), v))
    return graph.linear(mixed, nodes, inner, 256)


def _darknet(graph: Graph, x: str, depth: float, width: float) -> list[str]:
    """Features at strides 8, 16 and 32. The first layer takes every second pixel, as YOLOX does."""
    x = graph.add("SpaceToDepth", x, blocksize=2)
    graph.channels[x] *= 4
    graph.pixels[x] = (graph.pixels[x][0] // 2, graph.pixels[x][1] // 2)
    x = graph.conv_silu(x, int(64 * width), 3)
    levels = []
    for stage, (channels, count) in enumerate(((128, 3), (256, 9), (512, 9), (1024, 3))):
        channels = int(channels * width)
        x = graph.conv_silu(x, channels, 3, stride=2)
        if stage == 3:
            x = _pyramid_pooling(graph, x, channels)
        x = _csp(graph, x, channels, _blocks(count, depth), _dark_block)
        levels.append(x)
    return levels[1:]


def _pyramid(graph: Graph, levels: list[str], depth: float) -> list[str]:
    """Path aggregation: coarse features down to the fine ones, and back up."""
    fine, middle, coarse = levels
    widths = [graph.channels[level] for level in levels]
    count = _blocks(3, depth)
    coarse = graph.conv_silu(coarse, widths[1])
    down = graph.concat(graph.upsample(coarse), middle)
    middle = graph.conv_silu(_csp(graph, down, widths[1], count, _dark_block), widths[0])
    fine = _csp(graph, graph.concat(graph.upsample(middle), fine), widths[0], count, _dark_block)
    up = graph.concat(graph.conv_silu(fine, widths[0], 3, stride=2), middle)
    middle = _csp(graph, up, widths[1], count, _dark_block)
    up = graph.concat(graph.conv_silu(middle, widths[1], 3, stride=2), coarse)
    coarse = _csp(graph, up, widths[2], count, _dark_block)
    return [graph.conv_silu(level, widths[0]) for level in (fine, middle, coarse)]


def _yolox_heads(graph: Graph, levels: list[str]) -> list[str]:
    answers = []
    for level in levels:
        width = graph.channels[level]
        kind, place = (graph.conv_silu(graph.conv_silu(level, width, 3), width, 3) for _ in "kp")
        answers += [graph.conv(kind, 1), graph.conv(place, 4), graph.conv(place, 1)]
    return answers


def _faint(graph: Graph, answers: list[str]) -> str:
    """The answers' mean, bounded and made negligible: it keeps every layer needed."""
    means = [graph.add("ReduceMean", answer, axes=[1, 2, 3], keepdims=0) for answer in answers]
    total = graph.add("Tanh", graph.add("Sum", *means))
    return graph.add("Mul", total, graph.constant(1e-6))
