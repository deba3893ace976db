"""Making the overlay film of one clip."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import av

from posebatch_shared.errors import DiskFull
from posebatch_shared.poses import PoseSequence
from posebatch_workers.overlay.canvas import Canvas
from posebatch_workers.overlay.captions import Captions
from posebatch_workers.overlay.drawing import Drawing
from posebatch_workers.overlay.encoding import write_film
from posebatch_workers.overlay.film import Form
from posebatch_workers.overlay.footage import Footage, Part
from posebatch_workers.timing import StageTimer


def write_overlay(
    opening: AbstractContextManager[Footage],
    sequence: PoseSequence,
    analysis: Mapping[str, Any],
    path_out: Path,
    timer: StageTimer,
    threads: ThreadPoolExecutor,
) -> None:
    """Write the clip with skeleton, box, events and results drawn onto it, as MP4, to `path_out`.

    Clips of more than 30 frames/s lose every other picture or more, and clips in which people stand
    still most of those meanwhile; the times of the rest stay as they are.

    `opening` gives the pictures: `Spool.footage(...)`, or `decoded_again(...)`. `analysis` is the
    JSON form; what it lacks is not drawn. Books `overlay` with its children `overlay_draw` and
    `overlay_encode`; the latter includes getting the pictures. `threads` are of `film_threads()`.

    Errors: those of reading, EncoderMissing, DiskFull. Nothing is left at `path_out` after one.
    """
    captions = Captions.read(analysis)
    with timer.stage("overlay"), opening as footage, _whole_or_nothing(path_out):
        form, started = footage.form, perf_counter()
        drawing = Drawing(sequence, captions, form.width, form.height)
        drawn = [_Drawn(part, drawing, form) for part in footage.parts]
        write_film(path_out, form, drawn, threads)
        _book(drawn, perf_counter() - started, timer)


class _Drawn:
    """The pictures of one part with everything drawn onto them, and how long the drawing took."""

    def __init__(self, part: Part, drawing: Drawing, form: Form) -> None:
        self._part, self._drawing, self._form = part, drawing, form
        self.spent_seconds: list[float] = []

    def __iter__(self) -> Iterator[tuple[Canvas, float]]:
        canvas = Canvas(self._form.width, self._form.height)
        for pts_seconds in self._part(canvas):
            started = perf_counter()
            self._drawing.draw(canvas, pts_seconds)
            self.spent_seconds.append(perf_counter() - started)
            yield canvas, pts_seconds


def _book(drawn: list[_Drawn], seconds: float, timer: StageTimer) -> None:
    """Share the time that the parts took side by side between drawing and the rest."""
    spent = [seconds for part in drawn for seconds in part.spent_seconds]
    drawing = min(seconds, sum(spent) / len(drawn))
    timer.add("overlay_draw", drawing, calls=len(spent), parent="overlay")
    timer.add("overlay_encode", seconds - drawing, calls=len(spent), parent="overlay")


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, av.error.OSError | OSError) and error.errno == errno.ENOSPC:
            raise DiskFull(f"no room for {path}") from error
        raise
