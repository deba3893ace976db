"""Skeleton, athlete's box, texts and a timeline, drawn onto one picture after the other."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import PoseSequence, Skeleton
from posebatch_workers.overlay.canvas import Canvas, Colour, colour, text_width
from posebatch_workers.overlay.captions import Captions

_LEFT, _RIGHT, _MIDDLE = colour(80, 200, 255), colour(255, 150, 60), colour(240, 240, 240)
_BOX, _SHADE, _EVENT = colour(120, 255, 120), colour(0, 0, 0), colour(230, 40, 40)
#: Of what texts measure at 720 pixels. Smaller letters run together; these fit into 176 pixels.
_LEAST_TEXT = 0.6
_SEEN = 0.3  #: nodes below this visibility are not drawn
_BOX_MARGIN = 0.05  #: of the athlete's extent
#: What jumps are not judged by, and would only hide face and hands.
_DETAILS = {"eye", "ear", "mouth", "pinky", "thumb"}
_FINGERS = {"left_index", "right_index"}


class Drawing:
    """Draws what is known about a clip onto its pictures of a given size."""

    def __init__(self, sequence: PoseSequence, captions: Captions, width: int, height: int) -> None:
        self._times = sequence.pts_seconds
        self._points = sequence.keypoints[:, :, :2] * np.array((width, height), np.float32)
        self._shown = np.isfinite(self._points).all(axis=2) & (sequence.visibility >= _SEEN)
        self._bones = _bones(sequence.skeleton)
        self._nodes = _nodes(sequence.skeleton)
        self._captions = captions
        self._width, self._height = width, height
        self._end_seconds = float(self._times[-1]) if len(self._times) else 0.0
        self._scale = max(width, height) / 720
        self._text = max(_LEAST_TEXT, self._scale)
        self._thick = max(1, round(2 * self._scale))
        self._tolerance_seconds = _tolerance(self._times)
        self._turn = Lock()

    def draw(self, canvas: Canvas, pts_seconds: float) -> None:
        """Draw what holds at a picture's time onto it.

        One thread at a time: drawing is many short calls, after each of which a thread waits for
        Python's lock, and two that draw at once take twice as long.
        """
        row = self._row(pts_seconds)
        with self._turn:
            if row is not None:
                self._draw_athlete(canvas, row)
            self._draw_lines(canvas, pts_seconds)
            self._draw_timeline(canvas, pts_seconds)

    def _row(self, pts_seconds: float) -> int | None:
        """The row of the sequence for a time, None where the sequence has a gap."""
        if not len(self._times):
            return None
        row = int(np.abs(self._times - pts_seconds).argmin())
        return row if abs(self._times[row] - pts_seconds) <= self._tolerance_seconds else None

    def _draw_athlete(self, canvas: Canvas, row: int) -> None:
        shown = self._shown[row]
        if not shown.any():
            return
        points = np.where(shown[:, None], self._points[row], 0).round().astype(np.int32)
        for groups, thickness in ((self._bones, self._thick), (self._nodes, 2 * self._thick + 1)):
            for ink, ends in groups:
                lines = points[ends[shown[ends].all(axis=1)]]
                if len(lines):
                    canvas.lines(list(lines), ink, thickness)
        self._draw_box(canvas, self._points[row][shown])

    def _draw_box(self, canvas: Canvas, points: NDArray[np.float32]) -> None:
        low, high = points.min(axis=0), points.max(axis=0)
        margin = _BOX_MARGIN * (high - low).max()
        corner, opposite = (low - margin).astype(int).tolist(), (high + margin).astype(int).tolist()
        canvas.box(corner, opposite, _BOX)

    def _draw_lines(self, canvas: Canvas, seconds: float) -> None:
        step = round(24 * self._text)
        for n, line in enumerate(self._captions.lines(seconds), start=1):
            self._label(canvas, line, (step // 3, n * step), _SHADE)
        event = self._captions.happening(seconds)
        if event:
            self._label(canvas, event, (step // 3, self._height - step), _EVENT)

    def _label(self, canvas: Canvas, text: str, at: tuple[int, int], plate: Colour) -> None:
        """Text on a plate, as legible before snow as before a forest."""
        (x, y), scale, step = at, 0.6 * self._text, round(24 * self._text)
        right = x + text_width(text, scale) + step // 6
        canvas.bar(x - step // 6, y - 3 * step // 4, right, y + step // 4, plate)
        canvas.text(text, at, scale)

    def _draw_timeline(self, canvas: Canvas, seconds: float) -> None:
        """A bar along the lower edge: how far the clip is, and a mark for each event."""
        width, height = self._width, self._height
        if self._end_seconds <= 0:
            return
        top = height - max(2, round(6 * self._scale))
        canvas.bar(0, top, width, height, _SHADE)
        done = round(width * min(1.0, seconds / self._end_seconds))
        canvas.bar(0, top, done, height, _MIDDLE)
        at = [round(width * event.seconds / self._end_seconds) for event in self._captions.events]
        if at:
            marks = [np.array([(x, top), (x, height)], np.int32) for x in at]
            canvas.lines(marks, _EVENT, self._thick)


#: Lines of one colour: the rows of the nodes at both ends of each.
Lines = list[tuple[Colour, NDArray[np.intp]]]


def _bones(skeleton: Skeleton) -> Lines:
    return _by_colour(skeleton, (edge for edge in skeleton.edges if all(map(_drawn, edge))))


def _nodes(skeleton: Skeleton) -> Lines:
    return _by_colour(skeleton, ((node, node) for node in skeleton.nodes if _drawn(node)))


def _drawn(node: str) -> bool:
    return node not in _FINGERS and _DETAILS.isdisjoint(node.split("_"))


def _by_colour(skeleton: Skeleton, pairs: Iterable[tuple[str, str]]) -> Lines:
    rows = {node: row for row, node in enumerate(skeleton.nodes)}
    lines: dict[Colour, list[tuple[int, int]]] = {}
    for a, b in pairs:
        lines.setdefault(_colour(a, b), []).append((rows[a], rows[b]))
    return [(ink, np.array(ends, np.intp)) for ink, ends in lines.items()]


def _colour(*nodes: str) -> Colour:
    for side, ink in (("left_", _LEFT), ("right_", _RIGHT)):
        if all(node.startswith(side) for node in nodes):
            return ink
    return _MIDDLE


def _tolerance(times: NDArray[np.float64]) -> float:
    """How far from a picture's time a row may be: one interval, for clips tracked with a stride."""
    return float(np.median(np.diff(times))) + 1e-3 if len(times) > 1 else 1e-3
