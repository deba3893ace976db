"""Pictures that change their shape in the middle, as in broadcasts and clips put together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from posebatch_workers.video.convert import Converter, target_size
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.orientation import Pixels
from posebatch_workers.video.probing import (
    likely_aspect,
    orientation_of,
    pixel_aspect,
    shown_size,
)

_Form = tuple[int, int, float]


class Fitting:
    """Converts the pictures of one clip to the size of the first: others keep their shape and get
    black borders, as in a player."""

    def __init__(self, options: ReadOptions, stream: Any, first: Any) -> None:
        self._options, self._orientation = options, orientation_of(first)
        self._context, self._aspect = stream.codec_context, pixel_aspect(stream)
        self._coded_aspect = self._context.sample_aspect_ratio
        self._form = self._form_of(first)
        self.width, self.height = target_size(self._shown(self._form), options)
        self._converter = self._converting_to(self.width, self.height)

    def convert(self, frame: Any, out: Pixels) -> None:
        """Write `frame`, an av.VideoFrame, to `out` (height, width, 3) as upright pixels."""
        form = self._form_of(frame)
        if form != self._form:
            self._form, self._converter = form, self._converting_to(*self._fitted(form))
        width, height = self._converter.width, self._converter.height
        if (height, width) == out.shape[:2]:
            self._converter.convert(frame, out)
            return
        pixels = np.empty((height, width, 3), np.uint8)
        self._converter.convert(frame, pixels)
        left, top = (self.width - width) // 2, (self.height - height) // 2
        out[:] = 0
        out[top : top + height, left : left + width] = pixels

    def _form_of(self, frame: Any) -> _Form:
        """Columns, rows and pixel aspect. The decoder, not the picture, tells the last, up to a few
        pictures early; the container's word holds until the decoder's changes."""
        coded = self._context.sample_aspect_ratio
        aspect = self._aspect if coded == self._coded_aspect else likely_aspect(coded)
        return frame.width, frame.height, aspect

    def _shown(self, form: _Form) -> tuple[int, int]:
        return shown_size(*form, self._orientation)

    def _converting_to(self, width: int, height: int) -> Converter:
        return Converter(self._options, self._orientation, width, height)

    def _fitted(self, form: _Form) -> tuple[int, int]:
        unshrunk = replace(self._options, max_side=None, least_side=None)
        width, height = target_size(self._shown(form), unshrunk)
        scale = min(self.width / width, self.height / height)
        return max(1, round(width * scale)), max(1, round(height * scale))
