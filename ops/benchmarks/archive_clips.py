"""A drawn archive as a coach's phone holds it: long and short clips, mostly standing about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from posebatch_workers.athlete.clip import ClipSpec, Truth, draw_clip

FPS = 60.0
#: Seconds of standing before and after each jump; the jump itself takes about two.
_QUIET = (0.6, 2.0, 3.5, 1.2, 2.8, 4.0)
_SIZES = ((720, 1280), (1080, 1920))
_CODECS = ("h264", "h264", "hevc10", "hevc10")
_VIEWS = (90.0, 45.0, 60.0, 30.0, 75.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Clips in a folder, what is in them, and how much of it."""

    folder: Path
    truths: Mapping[str, Truth]

    @property
    def clips(self) -> list[Path]:
        """In the order of their names."""
        return [self.folder / name for name in sorted(self.truths)]

    @property
    def frames(self) -> int:
        """Of all clips."""
        return sum(len(truth.pts_seconds) for truth in self.truths.values())


def draw_archive(folder: Path, number: int) -> Archive:
    """3 to 10 s each, 720p and 1080p, H.264 and 10-bit HEVC, half of them with a rotation tag."""
    folder.mkdir()
    truths = {}
    for index in range(number):
        name = f"clip_{index:03d}.mp4"
        truths[name] = draw_clip(_spec(index), folder / name)
    return Archive(folder=folder, truths=truths)


def _spec(index: int) -> ClipSpec:
    width, height = _SIZES[index % 2]
    return ClipSpec(
        height_m=0.20 + 0.03 * (index % 10),
        quiet_seconds=_QUIET[index % len(_QUIET)],
        view_angle_deg=_VIEWS[index % len(_VIEWS)],
        arm_swing=index % 3 == 0,
        fps=FPS,
        width=width,
        height=height,
        codec=_CODECS[index % len(_CODECS)],  # type: ignore[arg-type]
        rotation_degrees=90 if index % 4 > 1 else 0,
        seed=index,
    )


def copies(clip: Path, folder: Path, number: int) -> list[Path]:
    """The same pictures in files of different content: a free box with a number at the end."""
    folder.mkdir()
    paths = []
    for index in range(number):
        path = folder / f"copy_{index:04d}.mp4"
        box = (16).to_bytes(4, "big") + b"free" + index.to_bytes(8, "big")
        path.write_bytes(clip.read_bytes() + box)
        paths.append(path)
    return paths
