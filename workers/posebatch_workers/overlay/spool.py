"""The tracked pictures, small, on disk, so that the overlay needs no second decoding."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import IO, Self

from posebatch_workers.overlay.canvas import Canvas
from posebatch_workers.overlay.encoding import MOST_PARTS
from posebatch_workers.overlay.film import MAX_FPS, Form, Pace, film_size
from posebatch_workers.overlay.footage import Footage, decoded_again
from posebatch_workers.video.frames import Frame
from posebatch_workers.video.ports import SourceOpener
from posebatch_workers.video.threads import idle_cores

#: Some 80 to 100 s of film; longer clips are decoded a second time.
MOST_BYTES = 1 << 30
#: A part begins with a key frame, as large as ten other pictures.
_LEAST_PART = 30


class Spool:
    """A bounded file of pictures as YUV 4:2:0, in the order in which a tracker looked at them.

    Beyond `most_bytes`, or on a full disk, it gives up: `footage` then decodes the clip again.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._canvas: Canvas | None = None
        self._pace = Pace(MAX_FPS)
        self._times: list[float] = []
        self._looks = 0
        self._full = False

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=self._folder, buffering=0)
        self._pool = ThreadPoolExecutor(1, "overlay-spool")
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self._file.close()

    def begin(self, fps: float) -> None:
        """Pictures of a clip of so many frames a second follow."""
        self._pace = Pace(fps or MAX_FPS)

    @contextmanager
    def keeping(self, frames: Sequence[Frame]) -> Iterator[None]:
        """Store what the film needs of these, beside the work on them; each comes once, in any
        order."""
        self._looks += len(frames)
        film = [frame for frame in frames if self._pace.takes(frame.pts_seconds)]
        storing = self._pool.submit(self._store, film) if film and not self._full else None
        try:
            yield
        finally:  # the pixels are about to be re-used
            if storing:
                storing.result()

    def footage(
        self, otherwise: SourceOpener, looks: Sequence[float]
    ) -> AbstractContextManager[Footage]:
        """The film's pictures, given when the tracker looked: from here if all of them are here."""
        if self._full or self._canvas is None or self._looks < len(looks):
            return decoded_again(otherwise, looks)
        form = Form(width=self._canvas.width, height=self._canvas.height, fps=self._pace.fps)
        return nullcontext(Footage(form=form, parts=self._parts()))

    def _store(self, film: Sequence[Frame]) -> None:
        """Append pictures; the file is emptied once there is no room."""
        try:
            self._full = not all(self._append(frame) for frame in film)
        except OSError:  # a full disk
            self._full = True
        if self._full:
            self._file.truncate(0)

    def _append(self, frame: Frame) -> bool:
        if self._canvas is None:
            self._canvas = Canvas(*film_size(*frame.pixels.shape[1::-1]))
        canvas = self._canvas
        if (len(self._times) + 1) * canvas.bytes > self._most_bytes:
            return False
        canvas.show(frame.pixels)
        _write(self._file, canvas)
        self._times.append(frame.pts_seconds)
        return True

    def _parts(self) -> list[partial[Iterator[float]]]:
        """As many as there are cores to encode them, all about equally long."""
        count = len(self._times)
        in_order = sorted(range(count), key=self._times.__getitem__)
        parts = max(1, min(idle_cores() + 1, MOST_PARTS, count // _LEAST_PART))
        bounds = [count * n // parts for n in range(parts + 1)]
        return [partial(self._show, in_order[a:b]) for a, b in pairwise(bounds)]

    def _show(self, numbers: Sequence[int], canvas: Canvas) -> Iterator[float]:
        for number in numbers:
            os.preadv(self._file.fileno(), canvas.buffers, number * canvas.bytes)
            yield self._times[number]


def _write(file: IO[bytes], canvas: Canvas) -> None:
    if os.writev(file.fileno(), canvas.buffers) < canvas.bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
