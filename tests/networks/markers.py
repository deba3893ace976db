"""A person made of coloured discs, and networks whose arithmetic really finds the discs.

They answer in the form of RTMPose (SimCC), YOLOX, RTMDet and RTMO, and expect the same colours, so
that channel order, normalisation, letterbox, crop, batch and the way back are all checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MEAN = np.array((123.675, 116.28, 103.53))
DEVIATION = np.array((58.395, 57.12, 57.375))
#: Colours far from each other, from both skins, and from themselves with channels swapped.
_RED_BLUE = [(0, 110), (0, 210), (80, 210), (160, 30), (250, 30), (250, 110)]
_ALL = [(r, g, b) for g in (0, 65, 130, 190, 250) for r, b in _RED_BLUE]
COLOURS = np.array(_ALL[:26], np.float64)
SKINS = np.array([(170, 160, 250), (100, 30, 40)], np.float64)  # one colour per person
_NARROW = 24.0  # RGB distance at which a colour counts little


def draw(picture: np.ndarray, points: np.ndarray, *, skin: int = 0, radius: float = 6.0) -> None:
    """Paint a person into the RGB picture: a box in its skin around the discs at points (K, 2)."""
    (x1, y1), (x2, y2) = points.min(axis=0) - 4 * radius, points.max(axis=0) + 4 * radius
    picture[max(0, round(y1)) : round(y2), max(0, round(x1)) : round(x2)] = SKINS[skin]
    for point, colour in zip(points, COLOURS, strict=False):
        _disc(picture, point, colour, radius)


def _disc(picture: np.ndarray, point: np.ndarray, colour: np.ndarray, radius: float) -> None:
    """A disc whose edge is mixed by distance, so that its centre may lie between pixels."""
    left, top = np.maximum(np.floor(point - radius - 2).astype(int), 0)
    right, bottom = np.ceil(point + radius + 3).astype(int)
    patch = picture[top:bottom, left:right]
    y, x = np.mgrid[top : top + patch.shape[0], left : left + patch.shape[1]]
    cover = np.clip(radius + 0.5 - np.hypot(x - point[0], y - point[1]), 0, 1)[..., None]
    patch[:] = np.round(cover * colour + (1 - cover) * patch)


class _Net:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def __call__(self, kind: str, *inputs: object, **attributes: object) -> str:
        names = [i if isinstance(i, str) else self._constant(i) for i in inputs]
        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, names, [output], **attributes))
        return output

    def _constant(self, value: object) -> str:
        array = np.asarray(value)
        array = array.astype(np.float32) if array.dtype == np.float64 else array
        self.constants.append(numpy_helper.from_array(array, f"c{len(self.constants)}"))
        return f"c{len(self.constants) - 1}"

    def likeness(self, image: str, colours: np.ndarray) -> str:
        """(B, C, H, W): 1 where a pixel has colour c, less with distance."""
        cross = self("Conv", image, -2 * colours[:, :, None, None])
        own = self("ReduceSum", self("Mul", image, image), np.array([1]), keepdims=1)
        distance = self("Add", self("Add", cross, own), (colours**2).sum(axis=1)[:, None, None])
        return self("Exp", self("Mul", distance, -0.5 / _NARROW**2))

    def save(
        self,
        path: Path,
        shape: Sequence[int | str],
        outputs: dict[str, tuple[str, Sequence[int | str]]],
        whole: Sequence[str] = (),
    ) -> Path:
        """`outputs` are float32 but for the `whole` ones, int64."""
        names = [helper.make_node("Identity", [o[0]], [name]) for name, o in outputs.items()]
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes + names,
            "markers",
            [value("input", TensorProto.FLOAT, list(shape))],
            [
                value(name, TensorProto.INT64 if name in whole else TensorProto.FLOAT, list(o[1]))
                for name, o in outputs.items()
            ],
            self.constants,
        )
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=9)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, str(path))
        return path


def simcc_network(path: Path, *, batch: int | str = "batch") -> Path:
    """RTMPose's form, 256×192: normalised RGB in, two curves per disc out."""
    net = _Net()
    # Back from normalised to 0–255, then as near to each colour as may be.
    plain = net("Mul", "input", DEVIATION.reshape(1, 3, 1, 1))
    plain = net("Add", plain, MEAN.reshape(1, 3, 1, 1))
    found = net.likeness(plain, COLOURS)
    curves = {}
    for name, axis, pixels in (("simcc_x", 2, 192), ("simcc_y", 3, 256)):
        profile = net("ReduceSum", found, np.array([axis]), keepdims=0)
        curve = net("MatMul", profile, _spread_bins(pixels))
        curves[name] = (net("Tanh", net("Mul", curve, 0.2)), (batch, 26, pixels * 2))
    return net.save(path, (batch, 3, 256, 192), curves)


def _spread_bins(pixels: int) -> np.ndarray:
    """(pixels, 2·pixels): pixel i contributes a bell around bin 2·i."""
    distance = np.arange(2 * pixels)[None] - 2 * np.arange(pixels)[:, None]
    return np.exp(-0.5 * (distance / 5.0) ** 2) / 12


def _extent(net: _Net, mask: str, axis: int) -> tuple[str, str]:
    """First and last pixel (B, P, 1) along an axis (3: x, 2: y) where the mask is set."""
    line = net("ReduceMax", mask, axes=[5 - axis], keepdims=0)
    hit = net("Cast", net("Greater", line, 0.5), to=TensorProto.FLOAT)
    ends = (net("ArgMax", hit, axis=2, select_last_index=last, keepdims=1) for last in (0, 1))
    low, high = (net("Cast", end, to=TensorProto.FLOAT) for end in ends)
    return low, net("Add", high, 1.0)


def _dets(net: _Net, *, people: int, image: str = "input") -> str:
    """(B, P, 5) box around each skin and how well it is seen, from BGR 0–255."""
    skin = net.likeness(image, SKINS[:people, ::-1].copy())
    x1, x2 = _extent(net, skin, 3)
    y1, y2 = _extent(net, skin, 2)
    score = net("ReduceMax", net("ReduceMax", skin, axes=[3], keepdims=0), axes=[2], keepdims=1)
    return net("Concat", x1, y1, x2, y2, score, axis=2)


def yolox_network(path: Path, *, side: int = 416, people: int = 2) -> Path:
    """YOLOX's form with the suppression inside: BGR 0–255 in; dets and labels out."""
    net = _Net()
    dets = _dets(net, people=people)
    labels = net("Mul", net("ReduceMin", dets, axes=[2], keepdims=0), 0.0)
    shapes = {"dets": (dets, (1, people, 5)), "labels": (labels, (1, people))}
    return net.save(path, (1, 3, side, side), shapes)


def rtmdet_network(path: Path, *, side: int = 320, classes: Sequence[int] = (0, 0)) -> Path:
    """RTMDet's form as mmdeploy exports it: normalised BGR in; as many dets and labels out as are
    seen. `classes` are those of the skins; 0 is a person."""
    net = _Net()
    plain = net("Mul", "input", DEVIATION[::-1].reshape(1, 3, 1, 1).copy())
    plain = net("Add", plain, MEAN[::-1].reshape(1, 3, 1, 1).copy())
    every = net("Squeeze", _dets(net, people=len(classes), image=plain), np.array([0]))
    scores = net("Squeeze", net("Slice", every, np.array([4]), np.array([5]), np.array([1])))
    seen = net("Squeeze", net("NonZero", net("Greater", scores, 0.05)), np.array([0]))
    dets = net("Unsqueeze", net("Gather", every, seen, axis=0), np.array([0]))
    labels = net("Unsqueeze", net("Gather", np.array(classes, np.int64), seen), np.array([0]))
    shapes = {"dets": (dets, (1, "found", 5)), "labels": (labels, (1, "found"))}
    return net.save(path, (1, 3, side, side), shapes, whole=("labels",))


def rtmo_network(path: Path, *, side: int = 640, batch: int | str = "batch") -> Path:
    """RTMO's form for one person: BGR 0–255 in; dets and 17 keypoints out."""
    net = _Net()
    points = net("Unsqueeze", _points(net, side), np.array([1]))
    outputs = {
        "dets": (_dets(net, people=1), (batch, 1, 5)),
        "keypoints": (points, (batch, 1, 17, 3)),
    }
    return net.save(path, (batch, 3, side, side), outputs)


def points_network(path: Path, *, side: int = 640) -> Path:
    """The form of the network in ops/docs/extending.md: BGR 0–255 in; 17 keypoints out."""
    net = _Net()
    outputs = {"keypoints": (_points(net, side), ("batch", 17, 3))}
    return net.save(path, ("batch", 3, side, side), outputs)


def _points(net: _Net, side: int) -> str:
    """(B, 17, 3) x, y and score of the discs in a BGR picture, 0–255."""
    found = net.likeness("input", COLOURS[:17, ::-1].copy())
    # Edges mix into other discs' colours, but only a disc is like one over a whole patch.
    found = net("AveragePool", found, kernel_shape=[5, 5], pads=[2] * 4)
    found = net("Relu", net("Sub", found, 0.5))
    mass = net("Add", net("ReduceSum", found, np.array([2, 3]), keepdims=0), 1e-6)
    parts = []
    for axis in (3, 2):
        line = net("ReduceSum", found, np.array([5 - axis]), keepdims=0)
        weighted = net(
            "ReduceSum", net("Mul", line, np.arange(side, dtype=float)), np.array([2]), keepdims=0
        )
        parts.append(net("Unsqueeze", net("Div", weighted, mass), np.array([2])))
    found = net("Mul", found, 2.0)
    top = net("ReduceMax", net("ReduceMax", found, axes=[3], keepdims=0), axes=[2], keepdims=1)
    return net("Concat", *parts, top, axis=2)
