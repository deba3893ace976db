"""Do two trackers lead to the same numbers on the same clips?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from posebatch_shared.jobs import Kind, Preset
from posebatch_workers.analysis import analyse, bias_of
from posebatch_workers.bench.clips import Clip, load
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import Tracker, create_tracker
from posebatch_workers.trackers.athlete_choice import choose_athlete

CALL_FRAMES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one tracker led to on one clip; a clip may hold several jumps, or none."""

    clip: str
    tracker: str
    kind: str
    jump_heights_m: tuple[float, ...]
    flight_times_seconds: tuple[float, ...]
    quality: float
    visibility: float  #: mean over seen frames and landmarks
    seen_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Findings clip by clip, trackers side by side in the order asked."""

    trackers: tuple[str, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the differences between the first tracker and each other one."""
        return {**asdict(self), "differences": self.differences()}

    def differences(self) -> list[dict[str, Any]]:
        """Per clip on which both found as many jumps: the other minus the first, per jump."""
        rows = []
        for first, other in self._pairs():
            if len(first.jump_heights_m) == len(other.jump_heights_m):
                rows.append(
                    {
                        "clip": first.clip,
                        "tracker": other.tracker,
                        "jump_height_m": _minus(other.jump_heights_m, first.jump_heights_m),
                        "flight_time_seconds": _minus(
                            other.flight_times_seconds, first.flight_times_seconds
                        ),
                    }
                )
        return rows

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Head and rows for people."""
        head = ("clip", "tracker", "kind", "height m", "flight s", "quality", "visibility", "seen")
        return head, [_row(finding) for finding in self.findings]

    def _pairs(self) -> list[tuple[Finding, Finding]]:
        """The first tracker's finding beside each other one's; clips may have equal names."""
        size = len(self.trackers)
        clips = (self.findings[n : n + size] for n in range(0, len(self.findings), size))
        return [(first, other) for first, *others in clips for other in others]


def run(
    paths: Sequence[Path],
    names: Sequence[str],
    *,
    kind: Kind = "auto",
    athlete: str = "auto",
    quality: Preset = "balanced",
    device: str = "cpu",
    model_dir: Path | None = None,
    threads: int | None = None,
) -> Comparison:
    """Track and analyse every clip with every tracker. Raises the errors of both."""
    start = partial(
        create_tracker, quality=quality, device=device, model_dir=model_dir, threads=threads
    )
    with ExitStack() as opened:
        trackers = {name: opened.enter_context(closing(start(name))) for name in names}
        findings = [
            find(clip, tracker, name, kind=kind, athlete=athlete)
            for clip in map(load, paths)
            for name, tracker in trackers.items()
        ]
    return Comparison(trackers=tuple(trackers), findings=tuple(findings))


def find(clip: Clip, tracker: Tracker, name: str, *, kind: Kind, athlete: str) -> Finding:
    """Track, choose the athlete and analyse one clip."""
    tracker.begin(clip.info, StageTimer())
    poses = [answer for frames in clip.calls(CALL_FRAMES) for answer in tracker.track(frames)]
    poses += tracker.end()
    size = {"width": clip.info.width, "height": clip.info.height}
    sequence = choose_athlete(poses, athlete, skeleton=tracker.skeleton, **size).sequence
    analysis = analyse(sequence, kind=kind, tracker_bias=bias_of(tracker.info.name))
    seen = sequence.seen
    return Finding(
        clip=clip.name,
        tracker=name,
        kind=analysis.kind,
        jump_heights_m=tuple(jump.jump_height_m for jump in analysis.jumps),
        flight_times_seconds=tuple(jump.flight_time_seconds for jump in analysis.jumps),
        quality=analysis.quality.score,
        visibility=float(sequence.visibility[seen].mean()) if seen.any() else 0.0,
        seen_share=float(np.mean(seen)) if len(seen) else 0.0,
    )


def _minus(others: Sequence[float], firsts: Sequence[float]) -> list[float]:
    return [other - first for other, first in zip(others, firsts, strict=True)]


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        *(finding.clip, finding.tracker, finding.kind),
        " ".join(f"{height:.3f}" for height in finding.jump_heights_m),
        " ".join(f"{seconds:.3f}" for seconds in finding.flight_times_seconds),
        *(f"{finding.quality:.0f}", f"{finding.visibility:.2f}", f"{finding.seen_share:.2f}"),
    )
