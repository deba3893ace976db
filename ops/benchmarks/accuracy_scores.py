"""How far the analysis is from the truth, clip by clip, and whether each goal is met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from accuracy_peer import PeerAnswer
from accuracy_tracks import Tracked
from scipy.stats import spearmanr

from posebatch_workers.analysis import Analysis, Jump, TrackerBias, analyse
from posebatch_workers.athlete.clip import JumpTruth

GRAVITY_M_S2 = 9.80665
#: A jump found within this time of a true one is that one.
NEAR_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpError:
    """One true jump: errors in seconds and metres, None where no jump was found for it."""

    clip: str
    group: str
    fps: float
    flight_error_seconds: float | None
    height_error_m: float | None
    rise_error_m: float | None
    contact_error_seconds: float | None
    interval_holds: bool | None
    quality: float
    peer_flight_error_seconds: float | None
    peer_height_error_m: float | None
    peer_contact_error_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipScore:
    """One clip: what was found in it, against what is in it."""

    clip: str
    group: str
    kind: str
    kind_found: str
    jumps: int
    jumps_found: int
    peer_found: bool | None
    warnings: tuple[str, ...]
    errors: tuple[JumpError, ...]


def score(clip: Tracked, bias: TrackerBias, peer: PeerAnswer | None) -> ClipScore:
    """Run the analysis on one clip and compare."""
    found = analyse(clip.sequence, tracker_bias=bias)
    truth = clip.truth
    return ClipScore(
        clip=clip.case.name,
        group=clip.case.group,
        kind=truth.jumps[0].kind if truth.jumps else "none",
        kind_found=found.kind,
        jumps=len(truth.jumps),
        jumps_found=len(found.jumps),
        peer_found=None if peer is None else peer.flight_time_seconds is not None,
        warnings=found.quality.warnings,
        errors=tuple(_error(clip, jump, found, peer) for jump in truth.jumps),
    )


def _error(clip: Tracked, truth: JumpTruth, found: Analysis, peer: PeerAnswer | None) -> JumpError:
    jump = _nearest(found.jumps, truth)
    contact = jump and jump.contact_time_seconds
    true_height = height(truth.flight_time_seconds)
    theirs = peer.flight_time_seconds if peer and len(clip.truth.jumps) == 1 else None
    their_contact = peer.contact_time_seconds if peer else None
    return JumpError(
        clip=clip.case.name,
        group=clip.case.group,
        fps=clip.case.spec.fps,
        flight_error_seconds=_minus(jump and jump.flight_time_seconds, truth.flight_time_seconds),
        height_error_m=_minus(jump and jump.jump_height_m, true_height),
        rise_error_m=_minus(jump and jump.jump_height_m, truth.jump_height_m),
        contact_error_seconds=_minus(contact, truth.contact_time_seconds),
        interval_holds=None if jump is None else _holds(jump, truth),
        quality=found.quality.score,
        peer_flight_error_seconds=_minus(theirs, truth.flight_time_seconds),
        peer_height_error_m=_minus(theirs and height(theirs), true_height),
        peer_contact_error_seconds=_minus(their_contact, truth.contact_time_seconds),
    )


def height(flight_time_seconds: float) -> float:
    """g·t²/8."""
    return GRAVITY_M_S2 * flight_time_seconds**2 / 8


def _nearest(jumps: Sequence[Jump], truth: JumpTruth) -> Jump | None:
    middle = (truth.takeoff_seconds + truth.landing_seconds) / 2
    near = [(abs((j.takeoff_seconds + j.landing_seconds) / 2 - middle), j.rep, j) for j in jumps]
    distance, _, jump = min(near, default=(np.inf, 0, None))
    return jump if distance < NEAR_SECONDS else None


def _holds(jump: Jump, truth: JumpTruth) -> bool:
    low, high = jump.flight_time_interval_seconds
    return low <= truth.flight_time_seconds <= high


def _minus(found: float | None, true: float | None) -> float | None:
    return None if found is None or true is None else found - true


def report(scores: Sequence[ClipScore]) -> dict[str, Any]:
    """Every figure that a goal names, per group of frame rates, ours beside the peer's."""
    errors = [error for clip in scores for error in clip.errors]
    fast = [error for error in errors if error.fps >= 59]
    slow = [error for error in errors if error.fps < 59]
    return {
        "clips": len(scores),
        "jumps": len(errors),
        "fast": _figures(fast),
        "slow": _figures(slow),
        "contact_median_ms": _median_ms(error.contact_error_seconds for error in errors),
        "peer_contact_median_ms": _median_ms(e.peer_contact_error_seconds for e in errors),
        "groups": {
            group: _median_ms(e.flight_error_seconds for e in errors if e.group == group)
            for group in ("plain", "variable", "rotated")
        },
        "reps_right_share": _share(s.jumps == s.jumps_found for s in scores if s.jumps > 1),
        "kind_right_share": _share(s.kind == s.kind_found for s in scores if s.jumps),
        "false_jumps": sum(s.jumps_found > 0 for s in scores if not s.jumps),
        "empty_clips": sum(not s.jumps for s in scores),
        "peer_false_jumps": sum(bool(s.peer_found) for s in scores if not s.jumps),
        "interval_share": _share(e.interval_holds for e in errors if e.interval_holds is not None),
        "quality_spearman": _spearman(errors),
        "scores": [asdict(clip) for clip in scores],
    }


def _figures(errors: Sequence[JumpError]) -> dict[str, Any]:
    flight = _known(error.flight_error_seconds for error in errors)
    own_frame = [
        abs(error.flight_error_seconds) <= 1 / error.fps
        for error in errors
        if error.flight_error_seconds is not None
    ]
    return {
        "jumps": len(errors),
        "found": len(flight),
        "flight_median_ms": _median_ms(e.flight_error_seconds for e in errors),
        "flight_bias_ms": float(1000 * np.mean(flight)) if len(flight) else None,
        "flight_p95_ms": float(1000 * np.percentile(np.abs(flight), 95)) if len(flight) else None,
        "within_one_frame_share": _share(own_frame),
        "height_median_cm": _median_cm(e.height_error_m for e in errors),
        "rise_median_cm": _median_cm(e.rise_error_m for e in errors),
        "peer_found": len(_known(e.peer_flight_error_seconds for e in errors)),
        "peer_flight_median_ms": _median_ms(e.peer_flight_error_seconds for e in errors),
        "peer_height_median_cm": _median_cm(e.peer_height_error_m for e in errors),
    }


def _known(values: Iterable[float | None]) -> np.ndarray[Any, Any]:
    return np.array([value for value in values if value is not None])


def _median_ms(values: Iterable[float | None]) -> float | None:
    known = _known(values)
    return float(1000 * np.median(np.abs(known))) if len(known) else None


def _median_cm(values: Iterable[float | None]) -> float | None:
    known = _known(values)
    return float(100 * np.median(np.abs(known))) if len(known) else None


def _share(values: Iterable[bool | None]) -> float | None:
    known = [bool(value) for value in values]
    return sum(known) / len(known) if known else None


def _spearman(errors: Sequence[JumpError]) -> float | None:
    pairs = [(e.quality, abs(e.flight_error_seconds)) for e in errors if e.flight_error_seconds]
    return float(spearmanr(*zip(*pairs, strict=True)).statistic) if len(pairs) > 3 else None
