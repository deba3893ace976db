"""Where the film's pictures come from: a port, and a second decode of the clip behind it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain

from posebatch_workers.overlay.canvas import Canvas
from posebatch_workers.overlay.film import MAX_FPS, MAX_SIDE, Form, Pace, film_size
from posebatch_workers.video.frames import Frame
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.ports import SourceOpener

_SAME_SECONDS = 1e-6

#: Puts one picture after the other onto the canvas and gives its time.
Part = Callable[[Canvas], Iterator[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """The pictures of a film before anything is drawn, cut into `parts` that can be read at once.

    Each part is read once.
    """

    form: Form
    parts: Sequence[Part]


@contextmanager
def decoded_again(open_source: SourceOpener, looks: Sequence[float]) -> Iterator[Footage]:
    """The pictures that a tracker looked at, at these times, in one part, from a second decode.

    Errors: those of reading.
    """
    # Nothing else runs while a clip is decoded for its overlay.
    with open_source(ReadOptions(max_side=MAX_SIDE, threads=2)) as source:
        pace = Pace(source.info.fps or MAX_FPS)
        every = (frame for batch in source.batches() for frame in batch)
        frames = _at([seconds for seconds in looks if pace.takes(seconds)], every)
        first = next(frames)  # a source without frames raises
        width, height = film_size(*first.pixels.shape[1::-1])
        form = Form(width=width, height=height, fps=pace.fps)
        yield Footage(form=form, parts=[partial(_show, chain((first,), frames))])


def _at(times: Sequence[float], frames: Iterator[Frame]) -> Iterator[Frame]:
    """The frames of these times, in order."""
    wanted = deque(times)
    for frame in frames:
        if wanted and frame.pts_seconds >= wanted[0] - _SAME_SECONDS:
            wanted.popleft()
            yield frame


def _show(frames: Iterator[Frame], canvas: Canvas) -> Iterator[float]:
    for frame in frames:
        canvas.show(frame.pixels)
        yield frame.pts_seconds
