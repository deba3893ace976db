"""Player time: where zero is, what comes twice, what has no timestamp."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from types import SimpleNamespace

import pytest
from av.format import Flags

from posebatch_workers.video.clock import (
    Clock,
    intervals,
    median_interval,
    usual_interval,
    varies,
)

MP4, STREAM = "mov,mp4,m4a,3gp,3g2,mj2", "mpegts"
FLAGS = {MP4: 0, STREAM: Flags.ts_discont.value}


def clock(
    video_start: int | None, container_start_us: int | None, container: str = STREAM
) -> Clock:
    stream = SimpleNamespace(
        start_time=video_start,
        time_base=Fraction(1, 600),
        guessed_rate=Fraction(30),
        average_rate=Fraction(30),
    )
    kind = SimpleNamespace(name=container, flags=FLAGS[container])
    return Clock(SimpleNamespace(start_time=container_start_us, format=kind), stream)


@pytest.mark.parametrize(
    ("container", "video_start", "container_start_us", "first_shown_seconds"),
    [
        (MP4, 0, 0, 0.0),
        (MP4, None, None, 0.0),
        (MP4, 300, 0, 0.5),  # sound first
        (MP4, 300, 500_000, 0.5),  # a timeline that starts empty
        (MP4, 0, -23_000, 0.0),  # sound that is priming
        (MP4, -60, -100_000, 0.0),  # pictures before zero that no edit list hides
        (STREAM, 300, 0, 0.5),
        (STREAM, 600, 1_000_000, 0.0),  # cut out of a longer transmission
        (STREAM, 41, 68_333, 0.0),  # the container's start is rounded
        (STREAM, 900, 1_000_000, 0.5),
    ],
)
def test_where_zero_is(
    container: str,
    video_start: int | None,
    container_start_us: int | None,
    first_shown_seconds: float,
) -> None:
    got = clock(video_start, container_start_us, container).seconds(video_start or 0)
    assert got == pytest.approx(first_shown_seconds, abs=1e-9)


@pytest.mark.parametrize("container", [MP4, STREAM])
def test_what_a_player_never_shows(container: str) -> None:
    c = clock(0, 0, container)
    assert [c.advance(pts) for pts in (0, 20, 20, 10, 40)] == [0, 20 / 600, None, None, 40 / 600]


def test_where_timestamps_begin_anew_time_goes_on() -> None:
    c = clock(0, 0)
    stamps = (0, 300, 0, 300, 6000, 12_540, 12_560)  # from the start again, a pause, far ahead
    ticks = [600 * (c.advance(pts) or 0) for pts in stamps]
    assert ticks == pytest.approx([0, 300, 320, 620, 6320, 6340, 6360])
    assert c.restarted


def test_an_index_of_its_own_lets_no_timestamps_begin_anew() -> None:
    c = clock(0, 0, MP4)
    assert [c.advance(pts) for pts in (0, 300, 0)] == [0, 0.5, None]
    assert c.advance(9000) == pytest.approx(15)
    assert not c.restarted


def test_frames_without_timestamps_follow_at_the_nominal_rate() -> None:
    c = clock(0, 0)
    assert [c.advance(None) for _ in range(3)] == [0, 20 / 600, 40 / 600]
    assert c.end_seconds == pytest.approx(0.1)
    assert c.fps == pytest.approx(30)


def test_seeking_is_the_inverse() -> None:
    c = clock(600, 1_000_000)
    assert c.ticks(c.seconds(777)) == 777


def test_a_rhythm() -> None:
    assert intervals([40, 0, 20, 20, 81]) == Counter({20: 2, 41: 1})
    assert median_interval(Counter({20: 2, 41: 1})) == 20
    assert median_interval(Counter()) is None
    assert usual_interval(Counter({16: 10, 17: 20, 50: 1})) == Fraction(50, 3)
    assert usual_interval(Counter()) is None
    assert not varies(Counter({33: 5, 34: 5}))
    assert not varies(Counter({3003: 90, 3004: 3}))
    assert varies(Counter({20: 50, 40: 1}))
    assert not varies(Counter())
