"""The tracked pictures, small, on disk, so that the overlay needs no second decoding."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Self

import cv2
import numpy as np

from posebatch_shared.results import VideoInfo
from posebatch_workers.overlay.film import Pace, film_size, fit
from posebatch_workers.video.frames import Frame
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.ports import Pictures, SourceOpener

#: Some 80 to 100 s of film; longer clips are decoded a second time.
MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class _Recording:
    """Pictures from a function."""

    info: VideoInfo
    batches: Callable[[], Iterator[Sequence[Frame]]]


class Spool:
    """A bounded file of the film's pictures as YUV 4:2:0, written beside the tracking by a thread.

    Beyond `most_bytes`, or on a full disk, it gives up: `opener` then names the other way.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._size = (0, 0)
        self._stamps: list[tuple[int, float]] = []
        self._recorded: VideoInfo | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=self._folder)
        self._pool = ThreadPoolExecutor(1, "overlay-spool")
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self._file.close()

    def recording(self, video: Pictures) -> Pictures:
        """`video`, whose pictures are kept here when they are read."""
        return _Recording(video.info, partial(self._record, video))

    def opener(self, otherwise: SourceOpener) -> SourceOpener:
        """How to open the pictures: from here if all of them are here."""
        return otherwise if self._recorded is None else self._open

    def _record(self, video: Pictures) -> Iterator[Sequence[Frame]]:
        """Hand the batches through; each is stored while its taker works on it."""
        stored, pace = True, Pace(video.info.fps)
        for batch in video.batches():
            film = [frame for frame in batch if pace.takes(frame.pts_seconds)]
            storing = self._pool.submit(self._store, film) if stored else None
            try:
                yield batch
            finally:  # the pixels are about to be re-used
                stored = storing is not None and storing.result()
        if stored:
            self._recorded = video.info

    @contextmanager
    def _open(self, options: ReadOptions) -> Iterator[Pictures]:
        assert self._recorded is not None
        yield _Recording(self._recorded, self._stored)

    def _stored(self) -> Iterator[Sequence[Frame]]:
        """The stored pictures, one by one."""
        width, height = self._size
        self._file.seek(0)
        for index, seconds in self._stamps:
            planes = np.frombuffer(self._file.read(self._bytes), np.uint8)
            rows = planes.reshape(height * 3 // 2, width)
            pixels = np.asarray(cv2.cvtColor(rows, cv2.COLOR_YUV2RGB_I420), np.uint8)
            yield [Frame(frame_index=index, pts_seconds=seconds, pixels=pixels)]

    @property
    def _bytes(self) -> int:
        """Of one picture."""
        return self._size[0] * self._size[1] * 3 // 2

    def _store(self, film: Sequence[Frame]) -> bool:
        """Append pictures; False once there is no room, and the file is emptied."""
        if not film:
            return True
        self._size = film_size(*film[0].pixels.shape[1::-1])
        if (len(self._stamps) + len(film)) * self._bytes > self._most_bytes:
            return self._give_up()
        try:
            for frame in film:
                small = fit(frame.pixels, self._size)
                self._file.write(cv2.cvtColor(small, cv2.COLOR_RGB2YUV_I420).data)
        except OSError:  # a full disk
            return self._give_up()
        self._stamps += [(frame.frame_index, frame.pts_seconds) for frame in film]
        return True

    def _give_up(self) -> bool:
        self._stamps.clear()
        self._file.seek(0)
        self._file.truncate()
        return False
