"""Is the athlete the one that the rule names?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from outlines import FPS, choose, frame, jumper, person
from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import check_athlete
from posebatch_shared.poses import FramePoses

Move = Callable[[float], np.ndarray | None]


def jumps_once(x: float = 0.45, tall: float = 0.3, at: float = 3.0) -> Move:
    """Down by a fifth of the body, up by as much as standing, and down again, around `at`."""
    way = np.array([(-0.6, 0.0), (-0.25, 0.15), (0.0, -0.25), (0.25, 0.1), (0.6, 0.0)])

    def move(t: float) -> np.ndarray:
        return person(x, 0.6 - tall + tall * np.interp(t - at, *way.T), tall)

    return move


def stands(x: float, tall: float) -> Move:
    return lambda t: person(x, 0.9 - tall, tall)


def walks_past(t: float) -> np.ndarray | None:
    """In front, from left to right within two seconds, bobbing, the feet under the border."""
    bob = 0.02 * np.sin(4 * np.pi * t)
    return person(t - 2.0, 0.1 + bob, 1.0) if 1.7 < t < 3.2 else None


def comes_nearer(t: float) -> np.ndarray:
    tall = 0.5 + 0.08 * t
    return person(0.0, 0.95 - tall, tall)


def stoops(t: float) -> np.ndarray:
    """A coach near by bends down for something and straightens up, his feet and hips in place."""
    body = person(0.0, 0.1, 0.8)
    body[:3, 1] += 0.3 * np.exp(-((t - 4.0) ** 2) / 0.1)
    return body


def nods_in_the_corner(t: float) -> np.ndarray:
    """A head near the camera; the tracker makes up the body under it."""
    return person(0.0, 0.5 + 0.05 * np.sin(3 * t), 2.4)


def clip(*moves: Move, seconds: float = 6.0) -> list[FramePoses]:
    return [
        frame(i, [body for move in moves if (body := move(i / FPS)) is not None])
        for i in range(round(seconds * FPS))
    ]


@pytest.mark.parametrize(
    "other",
    [walks_past, comes_nearer, stoops, nods_in_the_corner, stands(0.05, 0.8), stands(0.7, 0.3)],
)
def test_auto_takes_who_jumps_however_near_others_are(other: Move) -> None:
    jumper = jumps_once()
    choice = choose(clip(other, jumper))
    seen = choice.sequence.keypoints[:, 0, 0]
    assert np.nanmedian(seen) == pytest.approx(jumper(0.0)[0, 0])


def test_auto_takes_who_jumps_though_he_enters_late() -> None:
    jumper = jumps_once(at=18.5)
    late = clip(stands(0.1, 0.3), lambda t: jumper(t) if t > 17 else None, seconds=20.0)
    choice = choose(late)
    assert np.flatnonzero(choice.sequence.seen)[0] == pytest.approx(17 * FPS, abs=2)


def test_auto_takes_the_only_one_though_only_the_head_is_seen() -> None:
    assert choose(clip(nods_in_the_corner)).sequence.seen.all()


def test_auto_takes_the_tallest_of_those_who_keep_still_with_the_legs_in_the_picture() -> None:
    choice = choose(clip(nods_in_the_corner, stands(0.6, 0.5), stands(0.8, 0.3)))
    assert np.nanmedian(choice.sequence.keypoints[:, 0, 0]) == pytest.approx(
        stands(0.6, 0.5)(0)[0, 0]
    )


@pytest.fixture
def scene() -> list[FramePoses]:
    """From left to right: a still coach near the camera, a jumper, a small walker; a passer-by."""
    frames = []
    for i in range(300):
        t = i / FPS
        people = [person(0.02, 0.15, 0.7), jumper(t, x=0.45), person(0.75 + t * 0.01, 0.4, 0.15)]
        if 100 <= i < 120:
            people.append(person((i - 100) / 20, 0.0, 0.98))
        frames.append(frame(i, people))
    return frames


@pytest.mark.parametrize(
    ("rule", "track"),
    [("auto", 2), ("moving", 2), ("largest", 1), ("left", 1), ("right", 3), ("track:3", 3)],
)
def test_rules(scene: list[FramePoses], rule: str, track: int) -> None:
    choice = choose(scene, rule)
    assert (choice.track, choice.record()["rule"]) == (track, rule)
    assert choice.sequence.keypoints[0] == pytest.approx(scene[0].keypoints[track - 1])


def test_what_is_made_up_beyond_the_border_makes_nobody_large() -> None:
    cut_off, whole = person(0.9, 0.6, 1.4), person(0.2, 0.3, 0.6)
    choice = choose([frame(i, [cut_off, whole]) for i in range(30)], "largest")
    assert choice.candidates[choice.track - 1].place < 0.5
    assert all(candidate.size <= 0.2 for candidate in choice.candidates)


def test_rules_that_cannot_be_followed_say_so(scene: list[FramePoses]) -> None:
    with pytest.raises(UsageError, match="track:9"):
        choose(scene, "track:9")
    with pytest.raises(UsageError, match="tallest"):
        check_athlete("tallest")
