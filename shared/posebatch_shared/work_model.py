"""How many seconds of a worker a video takes, learnt from those that have been tracked.

Seconds are modelled as a + b · frames + c · frames · pixels + d · bytes: what every job costs, the
tracker, the decoder, and the bits that it reads. No part is less than zero. Where a file's header
is not known, its frames follow from its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

_Vector = tuple[float, ...]

#: Rounds of the fit at most, each solving for one part after the other, and the change (as a
#: share) at which it stands still.
_ROUNDS = 100
_STILL = 1e-4
#: How much a part is held back, as a share of what speaks for it.
_RIDGE = 1e-3
#: Parts of the clips that are left out in turn to see how sure the fit is.
_BLOCKS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What is known of a video's length; frames and pixels (of one frame) from its header."""

    size_bytes: int
    frames: int | None = None
    pixels: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A clip and the seconds that a worker took for it."""

    clip: Clip
    seconds: float


class WorkModel:
    """Seconds of a worker per clip, fitted by least squares with weights 1/frames, for the scatter
    grows with the work. `seen` holds at least one observation; `others` are clips to be told of."""

    def __init__(self, seen: Sequence[Observation], others: Sequence[Clip] = ()) -> None:
        self._usual = _Usual.of([*(each.clip for each in seen), *others])
        told = [each for each in seen if each.clip.frames]
        seen = told if len(told) > len(seen) / 2 else seen  # a guessed length only adds noise
        rows = [self._usual.features(each.clip) for each in seen]
        mean_frames = sum(row[1] for row in rows) / len(rows)
        weighted = [
            (row, each.seconds, 1 / max(row[1], mean_frames / 4))
            for row, each in zip(rows, seen, strict=True)
        ]
        blocks = [_Normal.of(weighted[start::_BLOCKS]) for start in range(min(_BLOCKS, len(seen)))]
        whole = reduce(_Normal.plus, blocks)
        self._parts = whole.solve()
        self._without = [whole.minus(block).solve() for block in blocks] if len(seen) > 1 else []
        scatter = sum(w * (y - _dot(self._parts, row)) ** 2 for row, y, w in weighted)
        self._scatter = scatter / len(seen)

    def seconds(self, clip: Clip) -> float:
        """Expected work of one clip."""
        return _dot(self._parts, self._usual.features(clip))

    def variance(self, clips: Sequence[Clip], times: float = 1.0) -> float:
        """Of the work of all these together, `times` over: of the fit, by jackknife, and of each
        clip around it."""
        rows = [self._usual.features(clip) for clip in clips]
        total = tuple(times * sum(column) for column in zip(*rows, strict=True))
        left_out = [_dot(parts, total) for parts in self._without]
        mean = sum(left_out) / max(1, len(left_out))
        spread: float = sum((value - mean) ** 2 for value in left_out)
        of_fit = spread * (len(left_out) - 1) / len(left_out) if left_out else 0.0
        return float(of_fit + self._scatter * total[1])


@dataclass(frozen=True, slots=True)
class _Usual:
    """What stands in for a header that nobody has read."""

    frames_per_byte: float
    pixels: float

    @classmethod
    def of(cls, clips: Sequence[Clip]) -> _Usual:
        told = [clip for clip in clips if clip.frames and clip.size_bytes]
        size = sum(clip.size_bytes for clip in told)
        areas = [clip.pixels for clip in told if clip.pixels]
        return cls(
            sum(clip.frames or 0 for clip in told) / size if size else 1.0,
            sum(areas) / len(areas) if areas else 1.0,
        )

    def features(self, clip: Clip) -> _Vector:
        """1, frames, frames · pixels, bytes."""
        frames = max(1.0, clip.frames or clip.size_bytes * self.frames_per_byte)
        return 1.0, frames, frames * (clip.pixels or self.pixels), float(clip.size_bytes)


@dataclass(frozen=True, slots=True)
class _Normal:
    """Normal equations, which add up: `gram` (parts × parts) and `aims` (parts)."""

    gram: tuple[_Vector, ...]
    aims: _Vector

    @classmethod
    def of(cls, weighted: Sequence[tuple[_Vector, float, float]]) -> _Normal:
        parts = range(len(weighted[0][0]))
        return cls(
            tuple(
                tuple(sum(w * row[i] * row[j] for row, _, w in weighted) for j in parts)
                for i in parts
            ),
            tuple(sum(w * row[i] * y for row, y, w in weighted) for i in parts),
        )

    def plus(self, other: _Normal, sign: float = 1.0) -> _Normal:
        return _Normal(
            tuple(_add(a, b, sign) for a, b in zip(self.gram, other.gram, strict=True)),
            _add(self.aims, other.aims, sign),
        )

    def minus(self, other: _Normal) -> _Normal:
        return self.plus(other, -1.0)

    def solve(self) -> _Vector:
        """Non-negative least squares by coordinate descent, each part scaled to one."""
        norms = [max(self.gram[i][i], 1e-12) ** 0.5 for i in range(len(self.aims))]
        gram = [[g / a / b for g, b in zip(row, norms, strict=True)] for row, a in self._by(norms)]
        found = [0.0] * len(norms)
        for _ in range(_ROUNDS):
            before = tuple(found)
            for i, row in enumerate(gram):
                rest = self.aims[i] / norms[i] - _dot(row, found) + row[i] * found[i]
                found[i] = max(0.0, rest / (row[i] + _RIDGE))
            if max(map(abs, _add(before, found, -1.0))) <= _STILL * max(found):
                break
        return tuple(value / norm for value, norm in zip(found, norms, strict=True))

    def _by(self, norms: Sequence[float]) -> Iterator[tuple[_Vector, float]]:
        return zip(self.gram, norms, strict=True)


def _add(one: Sequence[float], other: Sequence[float], sign: float) -> _Vector:
    return tuple(a + sign * b for a, b in zip(one, other, strict=True))


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
