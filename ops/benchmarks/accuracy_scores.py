"""How far the analysis is from the truth, clip by clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from accuracy_body import metric_errors, true_metrics
from accuracy_peer import PeerAnswer
from accuracy_tracks import Tracked

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
    interval_seconds: float | None
    level: str
    metric_errors: dict[str, float]
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
    quality: float
    warnings: tuple[str, ...]
    errors: tuple[JumpError, ...]
    mean_error_seconds: float | None


def score(clip: Tracked, bias: TrackerBias, peer: PeerAnswer | None) -> ClipScore:
    """Run the analysis on one clip and compare."""
    found = analyse(clip.sequence, tracker_bias=bias)
    truth = clip.truth
    bodies = true_metrics(clip.case.spec)
    errors = tuple(
        _error(clip, jump, body, found, peer)
        for jump, body in zip(truth.jumps, bodies, strict=True)
    )
    return ClipScore(
        clip=clip.case.name,
        group=clip.case.group,
        kind=truth.jumps[0].kind if truth.jumps else "none",
        kind_found=found.kind,
        jumps=len(truth.jumps),
        jumps_found=len(found.jumps),
        peer_found=None if peer is None else peer.flight_time_seconds is not None,
        quality=found.quality.score,
        warnings=found.quality.warnings,
        errors=errors,
        mean_error_seconds=_mean_error(errors, truth.jumps),
    )


def _mean_error(errors: Sequence[JumpError], truths: Sequence[JumpTruth]) -> float | None:
    """Mean absolute error of the clip's flight times, None in a clip without a jump.

    A jump that is not found counts with its whole flight time: the clip says that there is none.
    """
    misses = [
        truth.flight_time_seconds
        if error.flight_error_seconds is None
        else error.flight_error_seconds
        for error, truth in zip(errors, truths, strict=True)
    ]
    return float(np.mean(np.abs(misses))) if misses else None


def _error(
    clip: Tracked,
    truth: JumpTruth,
    body: dict[str, float],
    found: Analysis,
    peer: PeerAnswer | None,
) -> JumpError:
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
        interval_seconds=None if jump is None else float(np.ptp(jump.flight_time_interval_seconds)),
        level=found.quality.level,
        metric_errors=metric_errors(jump, body) if jump and jump.kind == truth.kind else {},
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
