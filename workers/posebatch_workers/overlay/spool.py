"""The tracked pictures, small, on disk, so that the overlay needs no second decoding."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import IO, Self

from posebatch_shared.results import VideoInfo
from posebatch_workers.overlay.canvas import Canvas
from posebatch_workers.overlay.film import MAX_FPS, Form, Pace, film_size
from posebatch_workers.overlay.footage import Footage, decoded_again
from posebatch_workers.video.frames import Frame
from posebatch_workers.video.ports import Pictures, SourceOpener
from posebatch_workers.video.threads import idle_cores

#: Some 80 to 100 s of film; longer clips are decoded a second time.
MOST_BYTES = 1 << 30
#: A part begins with a key frame, as large as ten other pictures.
_LEAST_PART = 60
_MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class _Recording:
    """Pictures from a function."""

    info: VideoInfo
    batches: Callable[[], Iterator[Sequence[Frame]]]


class Spool:
    """A bounded file of the film's pictures as YUV 4:2:0, written beside the tracking by a thread.

    Beyond `most_bytes`, or on a full disk, it gives up: `footage` then decodes the clip again.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._canvas: Canvas | None = None
        self._times: list[float] = []
        self._fps = MAX_FPS
        self._whole = False

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=self._folder, buffering=0)
        self._pool = ThreadPoolExecutor(1, "overlay-spool")
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self._file.close()

    def recording(self, video: Pictures) -> Pictures:
        """`video`, whose pictures are kept here when they are read."""
        return _Recording(video.info, partial(self._record, video))

    def footage(self, otherwise: SourceOpener) -> AbstractContextManager[Footage]:
        """The film's pictures: from here if all of them are here."""
        if not self._whole or self._canvas is None:
            return decoded_again(otherwise)
        form = Form(width=self._canvas.width, height=self._canvas.height, fps=self._fps)
        return nullcontext(Footage(form=form, parts=self._parts()))

    def _record(self, video: Pictures) -> Iterator[Sequence[Frame]]:
        """Hand the batches through; each is stored while its taker works on it."""
        stored, pace = True, Pace(video.info.fps or MAX_FPS)
        self._fps = pace.fps
        for batch in video.batches():
            film = [frame for frame in batch if pace.takes(frame.pts_seconds)]
            storing = self._pool.submit(self._store, film) if stored else None
            try:
                yield batch
            finally:  # the pixels are about to be re-used
                stored = storing is not None and storing.result()
        self._whole = stored

    def _store(self, film: Sequence[Frame]) -> bool:
        """Append pictures; False once there is no room, and the file is emptied."""
        try:
            return all(self._append(frame) for frame in film) or self._give_up()
        except OSError:  # a full disk
            return self._give_up()

    def _append(self, frame: Frame) -> bool:
        if self._canvas is None:
            self._canvas = Canvas(*film_size(*frame.pixels.shape[1::-1]))
        canvas = self._canvas
        if (len(self._times) + 1) * canvas.bytes > self._most_bytes:
            return False
        canvas.show(frame.pixels)
        for buffer in canvas.buffers:
            _write(self._file, buffer)
        self._times.append(frame.pts_seconds)
        return True

    def _give_up(self) -> bool:
        self._times.clear()
        self._file.seek(0)
        self._file.truncate()
        return False

    def _parts(self) -> list[partial[Iterator[float]]]:
        """As many as there are cores to encode them, all about equally long."""
        count = len(self._times)
        parts = max(1, min(idle_cores() + 1, _MOST_PARTS, count // _LEAST_PART))
        bounds = [count * n // parts for n in range(parts + 1)]
        return [partial(self._show, range(a, b)) for a, b in pairwise(bounds)]

    def _show(self, numbers: range, canvas: Canvas) -> Iterator[float]:
        for number in numbers:
            os.preadv(self._file.fileno(), canvas.buffers, number * canvas.bytes)
            yield self._times[number]


def _write(file: IO[bytes], buffer: memoryview) -> None:
    while buffer:
        buffer = buffer[file.write(buffer) :]
