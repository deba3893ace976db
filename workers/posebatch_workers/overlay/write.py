"""Making the overlay film of one clip."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import av

from posebatch_shared.errors import DiskFull
from posebatch_shared.poses import PoseSequence
from posebatch_workers.overlay.captions import Captions
from posebatch_workers.overlay.drawing import Drawing
from posebatch_workers.overlay.encoding import Encoder, open_encoder
from posebatch_workers.overlay.film import MAX_FPS, MAX_SIDE, Pace, film_size, fit
from posebatch_workers.timing import StageTimer
from posebatch_workers.video.frames import Frame
from posebatch_workers.video.options import ReadOptions
from posebatch_workers.video.ports import SourceOpener

_THREADS = 2  # nothing else runs while a clip is decoded for its overlay


def write_overlay(
    open_source: SourceOpener,
    sequence: PoseSequence,
    analysis: Mapping[str, Any],
    path_out: Path,
    timer: StageTimer,
) -> None:
    """Write the clip with skeleton, box, events and results drawn onto it, as MP4, to `path_out`.

    Clips of more than 30 frames/s lose every other picture or more; times stay as they are.

    `open_source` opens the pictures: `Spool.opener(...)`, or a DecoderProcess bound to the clip.
    `analysis` is the JSON form; what it lacks is not drawn. Books `overlay` with its children
    `overlay_draw` and `overlay_encode`, the time spent waiting for the encoder, which runs beside.

    Errors: those of reading, EncoderMissing, DiskFull. Nothing is left at `path_out` after one.
    """
    options = ReadOptions(max_side=MAX_SIDE, threads=_THREADS)
    captions = Captions.read(analysis)
    with timer.stage("overlay"), open_source(options) as source, _whole_or_nothing(path_out):
        pace = Pace(source.info.fps or MAX_FPS)
        every = (frame for batch in source.batches() for frame in batch)
        frames = (frame for frame in every if pace.takes(frame.pts_seconds))
        first = next(frames)  # a source without frames raises
        size = film_size(*first.pixels.shape[1::-1])
        drawing = Drawing(sequence, captions, *size)
        encoder = open_encoder(path_out, *size, pace.fps)
        try:
            _draw_all(chain((first,), frames), drawing, size, encoder, timer)
        finally:
            with timer.stage("overlay_encode"):
                encoder.close()


def _draw_all(
    frames: Iterable[Frame],
    drawing: Drawing,
    size: tuple[int, int],
    encoder: Encoder,
    timer: StageTimer,
) -> None:
    for frame in frames:
        with timer.stage("overlay_draw"):
            picture = fit(frame.pixels, size)
            drawing.draw(picture, frame.pts_seconds)
        with timer.stage("overlay_encode"):
            encoder.write(picture, frame.pts_seconds)


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, av.error.OSError | OSError) and error.errno == errno.ENOSPC:
            raise DiskFull(f"no room for {path}") from error
        raise
