"""What a tracker's poses show at take-off and landing: measured on drawn clips, for `bias.py`.

uv run python ops/benchmarks/accuracy_calibration.py --cache DIR [--tracker blazepose]
    [--seeds 2 3 4]

Clips of other seeds than the accuracy benchmark's are drawn and tracked. Heights of the witnesses
are medians over the jumps; their weights minimise the error of the flight time; the spread is what
makes the errors of the flight time most likely.
"""

from __future__ import annotations

import argparse
from dataclasses import astuple, fields, replace
from pathlib import Path

import numpy as np
from accuracy_clips import cases
from accuracy_samples import Sample, samples_of
from accuracy_tracks import tracked
from numpy.typing import NDArray
from rich import print as show
from scipy.optimize import minimize, nnls

from posebatch_workers.analysis import agreement, witnesses
from posebatch_workers.analysis.bias import Spread, TrackerBias, Witness, bias_of
from posebatch_workers.trackers.factory import create_tracker

Array = NDArray[np.float64]

#: Witnesses that are further off than this are left to the robust mean, and teach no weights.
GROSS_SECONDS = 0.035
#: Levels are fitted again without what is further off than so many medians.
TRIMS, TRIMMED_MEDIANS = 4, 4.0
#: How strongly weights are drawn together, against fitting the very clips.
RIDGE_SECONDS = 0.008
#: Degrees of freedom of the errors' distribution, as in `intervals.NINETY`.
FREEDOM = 6
#: Where the search for the spread begins: logarithms of the shares, in the order of `Spread`.
FIRST_GUESS = np.log([0.005, 0.3, 0.5, 1.0, 0.02])


def main() -> None:
    """Track, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tracker", default="blazepose")
    parser.add_argument("--seeds", type=int, nargs="+", default=[2, 3, 4])
    arguments = parser.parse_args()
    tracker = create_tracker(arguments.tracker, quality="balanced")
    bias = bias_of(tracker.info.name)
    samples = [
        sample
        for seed in arguments.seeds
        for case in cases(seed)
        for sample in samples_of(tracked(case, arguments.cache, tracker), bias)
    ]
    tracker.close()
    measured = calibrated(samples, bias)
    show(len(samples), "jumps", measured)


def calibrated(samples: list[Sample], bias: TrackerBias) -> TrackerBias:
    """Levels, then weights, then spread: each from those before."""
    levelled = replace(
        bias,
        takeoff=tuple(_levelled(samples, who, landing=False) for who in bias.takeoff),
        landing=tuple(_levelled(samples, who, landing=True) for who in bias.landing),
    )
    weighed = _weighed(samples, levelled)
    late = float(np.nanmedian([sample.touchdown_late_seconds for sample in samples]))
    return replace(weighed, spread=_spread(samples, weighed), touchdown_seconds=round(late, 4))


def _levelled(samples: list[Sample], who: Witness, *, landing: bool) -> Witness:
    """Least squares over both views' levels and, at landing, the gathering of the legs."""
    side = np.array([sample.motion.from_the_side for sample in samples])
    gathering = [witnesses.gathering_px_s(s.motion, s.flight) if landing else 0.0 for s in samples]
    causes = np.column_stack([~side, side, -np.array(gathering)]).astype(np.float64)
    levels = np.array([_level(sample, who, landing=landing) for sample in samples])
    units = np.array([_unit(sample, who) for sample in samples])
    causes[:, 2] /= units
    usual = np.isfinite(levels)
    for _ in range(TRIMS):
        front, aside, gathered = np.linalg.lstsq(causes[usual], levels[usual], rcond=None)[0]
        misses = np.abs(levels - causes @ (front, aside, gathered))
        usual = misses < TRIMMED_MEDIANS * np.nanmedian(misses)
    return replace(
        who,
        front=round(float(front), 4),
        side=round(float(aside), 4),
        gathered_seconds=round(float(gathered), 4) if landing else 0.0,
    )


def _unit(sample: Sample, who: Witness) -> float:
    """In what the gathering's way, px, is told: statures, or seconds of fall for the kink."""
    if who.part == witnesses.KINK:
        return sample.flight.fall.pull.px_s2 * sample.flight.landing.from_apex_seconds
    return sample.motion.stature_px


def _level(sample: Sample, who: Witness, *, landing: bool) -> float:
    flight, motion = sample.flight, sample.motion
    true = sample.falling_seconds if landing else sample.rising_seconds
    if who.part == witnesses.KINK:
        contact = flight.landing if landing else flight.takeoff
        return contact.from_apex_seconds - true if contact.known else np.nan
    standing = witnesses.standing(motion, flight, sample.aloft)
    height = witnesses.heights_at_apex(motion, flight, landing=landing)[who.part]
    height -= witnesses.stands_at(motion, who.part, standing) + flight.fall.pull.px_s2 / 2 * true**2
    return height / motion.stature_px


def _misses(samples: list[Sample], bias: TrackerBias, *, landing: bool) -> Array:
    """(S, W) seconds by which each witness errs."""
    who = bias.landing if landing else bias.takeoff
    return np.array(
        [
            witnesses.flew(
                sample.motion,
                sample.flight,
                who,
                witnesses.standing(sample.motion, sample.flight, sample.aloft),
                landing=landing,
            )
            - (sample.falling_seconds if landing else sample.rising_seconds)
            for sample in samples
        ]
    )


def _weighed(samples: list[Sample], bias: TrackerBias) -> TrackerBias:
    """Weights, none negative and one in sum, that make the errors of the flight time least."""
    misses = np.hstack([_misses(samples, bias, landing=landing) for landing in (False, True)])
    usual = misses[np.isfinite(misses).all(axis=1) & (np.abs(misses).max(axis=1) < GROSS_SECONDS)]
    first, both = len(bias.takeoff), misses.shape[1]
    ridge = RIDGE_SECONDS * np.sqrt(len(usual)) * np.eye(both)
    sums = np.zeros((2, both))
    sums[0, :first] = sums[1, first:] = 100.0
    weights, _ = nnls(
        np.vstack([usual, ridge, sums]), np.concatenate([np.zeros(len(usual) + both), [100, 100]])
    )
    rounded = [round(float(weight), 2) for weight in weights]
    return replace(
        bias,
        takeoff=tuple(
            replace(who, weight=w) for who, w in zip(bias.takeoff, rounded[:first], strict=True)
        ),
        landing=tuple(
            replace(who, weight=w) for who, w in zip(bias.landing, rounded[first:], strict=True)
        ),
    )


def _spread(samples: list[Sample], bias: TrackerBias) -> Spread:
    """Shares of the doubts that make the errors most likely, by Student's distribution."""
    flights = [agreement.agreed(s.motion, s.flight, s.aloft, bias) for s in samples]
    doubts = [astuple(agreement.doubts_of(s.motion, s.flight, s.aloft, bias)) for s in samples]
    errors = np.array([f.seconds - s.seconds for f, s in zip(flights, samples, strict=True)])
    squares, told = np.square(errors), np.square(doubts)

    def surprise(logs: Array) -> float:
        base, *factors = np.exp(2 * logs)
        variance = base + told @ factors
        return float(
            np.sum(np.log(variance) + (FREEDOM + 1) * np.log1p(squares / variance / FREEDOM))
        )

    best = minimize(surprise, FIRST_GUESS, method="L-BFGS-B", bounds=[(-9.0, 3.0)] * 5).x
    show("errors, ms:", 1000 * np.median(np.abs(errors)), 1000 * np.percentile(np.abs(errors), 95))
    shares = [round(float(share), 4) for share in np.exp(best)]
    return Spread(**dict(zip((part.name for part in fields(Spread)), shares, strict=True)))


if __name__ == "__main__":
    main()
