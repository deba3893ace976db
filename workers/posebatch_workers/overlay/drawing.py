"""Skeleton, athlete's box, texts and a timeline, drawn onto one picture after the other."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import PoseSequence, Skeleton
from posebatch_workers.overlay.captions import Captions

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

_LEFT, _RIGHT, _MIDDLE = (80, 200, 255), (255, 150, 60), (240, 240, 240)
_BOX, _TEXT, _SHADE, _EVENT = (120, 255, 120), (255, 255, 255), (0, 0, 0), (255, 60, 60)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SEEN = 0.3  #: nodes below this visibility are not drawn
_BOX_MARGIN = 0.05  #: of the athlete's extent


class Drawing:
    """Draws what is known about a clip onto its pictures of a given size."""

    def __init__(self, sequence: PoseSequence, captions: Captions, width: int, height: int) -> None:
        self._times = sequence.pts_seconds
        self._points = sequence.keypoints[:, :, :2] * np.array((width, height), np.float32)
        self._shown = np.isfinite(self._points).all(axis=2) & (sequence.visibility >= _SEEN)
        self._bones = _bones(sequence.skeleton)
        self._node_colours = [_colour(node) for node in sequence.skeleton.nodes]
        self._captions = captions
        self._end_seconds = float(self._times[-1]) if len(self._times) else 0.0
        self._scale = max(width, height) / 720
        self._thick = max(1, round(2 * self._scale))
        self._tolerance_seconds = _tolerance(self._times)

    def draw(self, picture: Pixels, pts_seconds: float) -> None:
        """Draw onto `picture` (height, width, 3) RGB what holds at its time."""
        row = self._row(pts_seconds)
        if row is not None:
            self._draw_athlete(picture, row)
        self._draw_lines(picture, pts_seconds)
        self._draw_timeline(picture, pts_seconds)

    def _row(self, pts_seconds: float) -> int | None:
        """The row of the sequence for a time, None where the sequence has a gap."""
        if not len(self._times):
            return None
        row = int(np.abs(self._times - pts_seconds).argmin())
        return row if abs(self._times[row] - pts_seconds) <= self._tolerance_seconds else None

    def _draw_athlete(self, picture: Pixels, row: int) -> None:
        shown = self._shown[row]
        if not shown.any():
            return
        points = np.where(shown[:, None], self._points[row], 0).round().astype(int).tolist()
        for a, b, colour in self._bones:
            if shown[a] and shown[b]:
                cv2.line(picture, points[a], points[b], colour, self._thick)
        for node in np.flatnonzero(shown).tolist():
            cv2.circle(picture, points[node], self._thick, self._node_colours[node], cv2.FILLED)
        self._draw_box(picture, self._points[row][shown])

    def _draw_box(self, picture: Pixels, points: NDArray[np.float32]) -> None:
        low, high = points.min(axis=0), points.max(axis=0)
        margin = _BOX_MARGIN * (high - low).max()
        corner, opposite = (low - margin).astype(int).tolist(), (high + margin).astype(int).tolist()
        cv2.rectangle(picture, corner, opposite, _BOX, 1)

    def _draw_lines(self, picture: Pixels, seconds: float) -> None:
        step = round(24 * self._scale)
        for n, line in enumerate(self._captions.lines(seconds), start=1):
            self._write(picture, line, (step // 3, n * step), _TEXT)
        event = self._captions.happening(seconds)
        if event:
            self._write(picture, event, (step // 3, picture.shape[0] - step), _EVENT)

    def _write(self, picture: Pixels, text: str, at: tuple[int, int], colour: Colour) -> None:
        for shade, thickness in ((_SHADE, self._thick + 2), (colour, max(1, self._thick // 2))):
            cv2.putText(picture, text, at, _FONT, 0.6 * self._scale, shade, thickness, cv2.LINE_AA)

    def _draw_timeline(self, picture: Pixels, seconds: float) -> None:
        """A bar along the lower edge: how far the clip is, and a mark for each event."""
        height, width = picture.shape[:2]
        if self._end_seconds <= 0:
            return
        top = height - max(2, round(6 * self._scale))
        cv2.rectangle(picture, (0, top), (width, height), _SHADE, cv2.FILLED)
        done = round(width * min(1.0, seconds / self._end_seconds))
        cv2.rectangle(picture, (0, top), (done, height), _MIDDLE, cv2.FILLED)
        for event in self._captions.events:
            x = round(width * event.seconds / self._end_seconds)
            cv2.line(picture, (x, top), (x, height), _EVENT, self._thick)


def _bones(skeleton: Skeleton) -> list[tuple[int, int, Colour]]:
    rows = {node: row for row, node in enumerate(skeleton.nodes)}
    return [(rows[a], rows[b], _colour(a, b)) for a, b in skeleton.edges]


def _colour(*nodes: str) -> Colour:
    for side, colour in (("left_", _LEFT), ("right_", _RIGHT)):
        if all(node.startswith(side) for node in nodes):
            return colour
    return _MIDDLE


def _tolerance(times: NDArray[np.float64]) -> float:
    """How far from a picture's time a row may be: one interval, for clips tracked with a stride."""
    return float(np.median(np.diff(times))) + 1e-3 if len(times) > 1 else 1e-3
