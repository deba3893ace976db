"""Which samples to believe, and how to smooth the rest without moving them in time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Longest hole that is bridged by interpolation; a longer one stays a hole. It is four frames at
#: 24 a second: a tracker may look at every fourth frame while nobody moves.
LONGEST_FILLED_GAP_SECONDS = 0.17
#: A sample this many robust standard deviations from its neighbours' median is an outlier (Hampel).
OUTLIER_DEVIATIONS = 5.0
#: Cut-offs that the residual analysis tries; human movement needs no more, not even at landing.
CUTOFFS_HZ = np.arange(3.0, 20.5, 0.5)
#: Movement is looked for between means over so long, and the residual analysis reaches so far
#: beyond it: how long somebody stands still before a jump must not change how it is smoothed.
BLOCK_SECONDS, BEYOND_SECONDS = 0.1, 0.4
#: Lengths that are multiples of this have small factors only, near enough, for the transform.
FAST_LENGTHS = 64
#: The clip's frame rate is that of its densest run of so many frames: a tracker may skip frames
#: where nobody moves, and single intervals of a variable frame rate say little.
DENSE_FRAMES = 12


def densest_rate_hz(seconds: Array) -> float:
    """Frames per second where they are densest, from the times (F,) of at least two frames."""
    frames = min(DENSE_FRAMES, len(seconds) - 1)
    return frames / float(np.min(seconds[frames:] - seconds[:-frames]))


def longest_rate_hz(seconds: Array) -> float:
    """Frames per second in the middle of all time, ordered by it: the slowed part's where a clip
    shows all pictures of both."""
    lasts = np.sort(np.diff(seconds))
    return 1 / float(lasts[np.searchsorted(lasts.cumsum(), lasts.sum() / 2)])


def outliers(values: Array, rate_hz: float, floor: float) -> Mask:
    """Samples of (F, C) that stand out of their neighbourhood, by Hampel's identifier.

    `floor` is the smallest distance, in the unit of the values, that may count as standing out:
    where a whole neighbourhood is narrower than that, nothing needs to be looked at.
    """
    width = 2 * max(2, round(0.04 * rate_hz)) + 1
    channels = values.T.copy()
    wide = ndimage.maximum_filter1d(channels, width) - ndimage.minimum_filter1d(channels, width)
    found = np.zeros(channels.shape, dtype=np.bool_)
    for row in np.flatnonzero((wide > floor).any(axis=1)):
        at = np.flatnonzero(wide[row] > floor)
        part = slice(max(0, at[0] - 2 * width), at[-1] + 2 * width + 1)
        found[row, part] = _stand_out(channels[row, part], width, floor)
    return found.T


def _stand_out(channel: Array, width: int, floor: float) -> Mask:
    distance = np.abs(channel - ndimage.median_filter(channel, width, mode="nearest"))
    if distance.max() <= floor:
        return np.zeros(channel.shape, dtype=np.bool_)
    spread = 1.4826 * ndimage.median_filter(distance, width, mode="nearest")
    return np.asarray(distance > np.maximum(OUTLIER_DEVIATIONS * spread, floor), dtype=np.bool_)


def fill(seconds: Array, values: Array, at: Array) -> tuple[Array, Mask]:
    """Values (F, C) with NaN holes, interpolated at other times `at` (N,).

    Returns (N, C) without holes and a mask of what lies in a hole longer than
    `LONGEST_FILLED_GAP_SECONDS`, where the values are only a bridge for the filter.
    """
    filled = np.empty((len(at), values.shape[1]))
    far = np.empty(filled.shape, dtype=np.bool_)
    for column, channel in enumerate(values.T):
        known = np.isfinite(channel)
        if not known.any():
            filled[:, column], far[:, column] = 0.0, True
            continue
        times = seconds[known]
        filled[:, column] = np.interp(at, times, channel[known])
        after = np.clip(np.searchsorted(times, at), 1, max(1, len(times) - 1))
        hole = times[np.minimum(after, len(times) - 1)] - times[after - 1]
        outside = (at < times[0]) | (at > times[-1])
        far[:, column] = (hole > LONGEST_FILLED_GAP_SECONDS) | outside
    return filled, far


def moving_part(values: Array, rate_hz: float) -> slice:
    """The samples of (N, C) from the first movement to the last, with some of the rest around."""
    block = max(1, round(BLOCK_SECONDS * rate_hz))
    blocks = len(values) // block
    if blocks < 3:
        return slice(0, len(values))
    means = values[: blocks * block].reshape(blocks, block, -1).mean(axis=1)
    energy = np.square(np.diff(means, axis=0)).sum(axis=1).cumsum()
    first, last = np.searchsorted(energy, (0.01 * energy[-1], 0.99 * energy[-1]))
    beyond = round(BEYOND_SECONDS * rate_hz)
    return slice(max(0, int(first) * block - beyond), (int(last) + 2) * block + beyond)


def residual_cutoffs_hz(values: Array, rate_hz: float) -> Array:
    """Cut-off per channel of (N, C) by residual analysis, (C,).

    Source: D. A. Winter, Biomechanics and Motor Control of Human Movement: the line through the
    residual's tail, where only noise is removed, meets zero cut-off at the noise level; the
    cut-off wanted leaves a residual of that size. The residuals follow from the spectrum
    (Parseval), for all cut-offs at once.
    """
    cutoffs = CUTOFFS_HZ[0.42 * rate_hz > CUTOFFS_HZ]
    if len(values) < 16 or len(cutoffs) < 6:
        return np.full(values.shape[1], 0.35 * rate_hz)
    chord = np.linspace(values[0], values[-1], len(values))
    spectrum = np.abs(np.fft.rfft(values - chord, axis=0)) ** 2
    frequencies = np.fft.rfftfreq(len(values), 1 / rate_hz)
    removed = (1 - butterworth(frequencies[None, :], cutoffs[:, None])) ** 2
    residual = np.sqrt(2 * removed @ spectrum) / len(values)
    tail = len(cutoffs) // 2
    _slope, level = np.polyfit(cutoffs[tail:], residual[tail:], 1)
    enough = residual <= np.maximum(level, residual[-1])
    return np.asarray(cutoffs[np.argmax(enough, axis=0)], dtype=np.float64)


def butterworth(frequencies_hz: NDArray[Any], cutoffs_hz: Array) -> Array:
    """What a second-order Butterworth filter leaves, run forwards and backwards: no lag."""
    return np.asarray(1 / (1 + (frequencies_hz / cutoffs_hz) ** 4), dtype=np.float64)


def low_pass(values: Array, rate_hz: float, cutoffs_hz: Array) -> Array:
    """Each channel of (N, C) through a zero-lag fourth-order Butterworth filter of its own.

    All at once, in the frequency domain; both ends are continued by half a second of the clip,
    turned about them.
    """
    padding = max(0, min(len(values) - 1, round(0.5 * rate_hz)))
    before = 2 * values[0] - values[padding:0:-1]
    # A length with many small factors makes the transform several times as fast.
    rounded = min(len(values) - 1, padding + -(len(values) + 2 * padding) % FAST_LENGTHS)
    after = 2 * values[-1] - values[-2 : -rounded - 2 : -1]
    longer = np.concatenate((before, values, after))
    chord = np.linspace(longer[0], longer[-1], len(longer))
    spectrum = np.fft.rfft(longer - chord, axis=0)
    frequencies = np.fft.rfftfreq(len(longer), 1 / rate_hz)
    spectrum *= butterworth(frequencies[:, None], cutoffs_hz[None, :])
    smooth = np.fft.irfft(spectrum, len(longer), axis=0) + chord
    return np.asarray(smooth[padding : padding + len(values)], dtype=np.float64)
