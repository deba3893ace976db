"""Every figure that a goal names, from the errors of all clips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from accuracy_scores import ClipScore, JumpError
from scipy.stats import spearmanr

from posebatch_workers.analysis.intervals import NINETY

#: How often chance is tried to see how well a quality could predict it.
DRAWS = 200
#: Degrees of freedom of the errors' distribution, as in `intervals.NINETY`.
FREEDOM = 6
#: A jump that is not found counts as an error of this scale, above all others.
MISSED_SECONDS = 10.0


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
        "hard": _figures([error for error in errors if error.group == "hard"]),
        "usual": _figures([error for error in errors if error.group != "hard"]),
        "twins_extra_ms": {group: _extra_ms(errors, group) for group in ("variable", "rotated")},
        "reps_right_share": _share(s.jumps == s.jumps_found for s in scores if s.jumps > 1),
        "kind_right_share": _share(s.kind == s.kind_found for s in scores if s.jumps),
        "false_jumps": sum(s.jumps_found > 0 for s in scores if not s.jumps),
        "empty_clips": sum(not s.jumps for s in scores),
        "peer_false_jumps": sum(bool(s.peer_found) for s in scores if not s.jumps),
        "interval_share": _share(e.interval_holds for e in errors if e.interval_holds is not None),
        "quality_spearman": _spearman(scores),
        "quality_spearman_of_found": _spearman([s for s in scores if s.jumps_found]),
        "quality_spearman_ceiling": _ceiling(scores),
        "metrics": {
            name: {"fast": _errors_of(name, fast), "slow": _errors_of(name, slow)}
            for name in sorted({name for error in errors for name in error.metric_errors})
        },
        "levels": {
            level: _figures([e for e in errors if e.level == level])
            for level in ("high", "medium", "low")
        },
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


def _errors_of(metric: str, errors: Sequence[JumpError]) -> dict[str, Any]:
    """How far one metric is off, in its own unit, where both we and the truth have it."""
    known = _known(error.metric_errors.get(metric) for error in errors)
    if not len(known):
        return {"jumps": 0, "bias": None, "median": None, "p90": None}
    return {
        "jumps": len(known),
        "bias": float(np.median(known)),
        "median": float(np.median(np.abs(known))),
        "p90": float(np.percentile(np.abs(known), 90)),
    }


def _extra_ms(errors: Sequence[JumpError], group: str) -> float | None:
    """By how much the twins of a group err more than their plain clips, median over the pairs."""
    plain = {e.clip: e.flight_error_seconds for e in errors if e.group == "plain"}
    extra = [
        abs(e.flight_error_seconds) - abs(before)
        for e in errors
        if e.group == group
        and e.flight_error_seconds is not None
        and (before := plain.get(e.clip.rsplit("-", 1)[0])) is not None
    ]
    return float(1000 * np.median(extra)) if extra else None


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


def _ceiling(scores: Sequence[ClipScore]) -> float | None:
    """Spearman of a quality that knows each error's distribution, and which jumps are missed.

    Errors are drawn from the intervals' own distribution. Where all clips are about equally good,
    which of them errs most is chance, and nothing can predict it.
    """
    clips = [[_scale_seconds(error) for error in clip.errors] for clip in scores if clip.errors]
    if len(clips) <= 3:
        return None
    expected = [np.mean(scales) for scales in clips]
    chance = np.random.default_rng(0)
    drawn = [
        [np.mean(np.abs(scales * chance.standard_t(FREEDOM, len(scales)))) for scales in clips]
        for _ in range(DRAWS)
    ]
    return -float(np.mean([spearmanr(expected, errors).statistic for errors in drawn]))


def _scale_seconds(error: JumpError) -> float:
    known = error.interval_seconds
    return MISSED_SECONDS if known is None else known / (2 * NINETY)


def _spearman(scores: Sequence[ClipScore]) -> float | None:
    """Rank correlation of quality and mean absolute error, over every clip in which is a jump."""
    pairs = [(s.quality, s.mean_error_seconds) for s in scores if s.mean_error_seconds is not None]
    return float(spearmanr(*zip(*pairs, strict=True)).statistic) if len(pairs) > 3 else None
