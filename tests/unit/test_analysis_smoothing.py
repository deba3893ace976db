"""Filters: no lag, the right cut-off, outliers out, holes filled or left."""

from __future__ import annotations

import numpy as np
import pytest

from posebatch_workers.analysis import smoothing

RATE = 240.0
SECONDS = np.arange(0, 4, 1 / RATE)
SLOW = np.sin(2 * np.pi * SECONDS)[:, None]


def noisy(sd: float) -> np.ndarray:
    return SLOW + np.random.default_rng(2).normal(0, sd, SLOW.shape)


@pytest.mark.parametrize("rate", [30.0, 60.0, 240.0])
def test_noise_is_removed_at_every_frame_rate(rate: float) -> None:
    seconds = np.arange(0, 4, 1 / rate)
    true = np.sin(2 * np.pi * seconds)[:, None]
    values = true + np.random.default_rng(2).normal(0, 0.1, true.shape)

    cutoffs = smoothing.residual_cutoffs_hz(values, rate)
    smooth = smoothing.low_pass(values, rate, cutoffs)

    assert np.std(smooth - true) < 0.75 * np.std(values - true)


def test_no_lag() -> None:
    smooth = smoothing.low_pass(SLOW, RATE, np.array([6.0]))

    middle = slice(200, -200)
    lag = np.argmax(np.correlate(smooth[middle, 0], SLOW[middle, 0], "full"))
    assert lag == len(SLOW[middle]) - 1


def test_faster_movement_gets_a_higher_cutoff() -> None:
    fast = noisy(0.02) + 0.5 * np.sin(2 * np.pi * 7 * SECONDS)[:, None]

    slow_hz, fast_hz = smoothing.residual_cutoffs_hz(np.hstack((noisy(0.02), fast)), RATE)

    assert fast_hz > slow_hz
    assert fast_hz >= 7


def test_outliers_are_single_samples_that_stand_out() -> None:
    values = noisy(0.01)
    values[[100, 500]] += 1.0

    found = smoothing.outliers(values, RATE, floor=0.2)

    assert np.flatnonzero(found[:, 0]).tolist() == [100, 500]


def test_short_holes_are_filled_and_long_ones_marked() -> None:
    values = SLOW.copy()
    values[100:110] = np.nan
    values[300:400] = np.nan

    filled, far = smoothing.fill(SECONDS, values, SECONDS)

    assert np.abs(filled[100:110] - SLOW[100:110]).max() < 0.01
    assert not far[:299].any()
    assert far[301:399].all()


def test_uneven_samples_are_read_at_their_own_times() -> None:
    kept = np.random.default_rng(5).random(len(SECONDS)) < 0.6

    filled, _ = smoothing.fill(SECONDS[kept], SLOW[kept], SECONDS)

    assert np.abs(filled - SLOW)[5:-5].max() < 0.02


def test_a_landmark_that_was_never_seen_stays_marked() -> None:
    _, far = smoothing.fill(SECONDS, np.full_like(SLOW, np.nan), SECONDS)

    assert far.all()
