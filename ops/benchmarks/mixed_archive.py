"""A mixed archive of drawn clips: lengths, sizes, frame rates, codecs as phones leave them."""

from __future__ import annotations

import random
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from posebatch_workers.athlete.clip import ClipSpec, draw_clip

#: Width, height, frames per second, codec, container; drawn at random with equal weights.
RECORDINGS = (
    (360, 640, 30.0, "h264", "mp4"),
    (480, 854, 60.0, "h264", "mov"),
    (720, 1280, 60.0, "h264", "mp4"),
    (720, 1280, 120.0, "h264", "mp4"),
    (1080, 1920, 30.0, "hevc10", "mov"),
    (480, 854, 30.0, "mpeg4", "avi"),
)
KINDS = ("cmj", "squat-jump", "drop-jump", "squats", "walking")
#: One file in so many is no video.
BROKEN_EVERY = 33
_FREE_BOX = (16).to_bytes(4, "big") + b"free"


def mixed_archive(folder: Path, clips: int, *, distinct: int, seed: int = 1) -> list[Path]:
    """`clips` files in a shuffled order, each with a content of its own.

    `distinct` are drawn; the others repeat one of them with a few bytes more at the end, which no
    reader looks at but which make it another file to the cache.
    """
    rng = random.Random(seed)
    drawn = _draw(folder / "drawn", distinct, rng)
    archive = folder / "archive"
    archive.mkdir(parents=True, exist_ok=True)
    order = [drawn[number % distinct] for number in range(clips)]
    rng.shuffle(order)
    return [_place(source, archive, number) for number, source in enumerate(order)]


def _draw(folder: Path, number: int, rng: random.Random) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    specs = [_spec(rng, seed) for seed in range(number)]
    paths = [folder / f"{spec.seed:03d}.{spec.container}" for spec in specs]
    with ProcessPoolExecutor() as pool:
        list(pool.map(_draw_once, specs, paths))
    return paths


def _spec(rng: random.Random, seed: int) -> ClipSpec:
    width, height, fps, codec, container = rng.choice(RECORDINGS)
    kind = rng.choice(KINDS)
    return ClipSpec(
        kind=kind,
        reps=1 if kind in ("drop-jump", "walking") else rng.choice((1, 1, 2)),
        height_m=rng.uniform(0.2, 0.45),
        quiet_seconds=rng.choice((0.3, 0.5, 0.8, 1.5)),
        view_angle_deg=rng.uniform(30, 90),
        width=width,
        height=height,
        fps=fps,
        codec=codec,
        container=container,
        crf=rng.randint(18, 30),
        noise_sd=rng.uniform(0, 4),
        seed=seed,
    )


def _draw_once(spec: ClipSpec, path: Path) -> None:
    if not path.exists():
        unfinished = path.with_name(f"{path.name}.part")
        draw_clip(spec, unfinished)
        unfinished.replace(path)


def _place(source: Path, folder: Path, number: int) -> Path:
    path = folder / f"{number:04d}{source.suffix}"
    if number % BROKEN_EVERY == BROKEN_EVERY - 1:
        path.write_text(f"no video {number}")
    else:
        shutil.copy(source, path)
        with path.open("ab") as file:
            file.write(_FREE_BOX + number.to_bytes(8, "big"))
    return path
