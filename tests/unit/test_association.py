"""Do people keep their number from frame to frame?"""

from __future__ import annotations

import numpy as np
import pytest

from outlines import FPS, choose, frame, jumper, person
from posebatch_workers.trackers.association import follow


def test_two_who_cross_keep_their_numbers_whatever_the_order_of_detections() -> None:
    rng = np.random.default_rng(5)
    frames, truth = [], []
    for i in range(120):
        t = i / 119
        people = [person(0.1 + 0.7 * t, 0.3, 0.40), person(0.8 - 0.7 * t, 0.33, 0.46)]
        order = rng.permutation(2)
        frames.append(frame(i, [people[o] + rng.normal(0, 0.002, (6, 2)) for o in order]))
        truth.append(np.argsort(order))
    tracks = follow(frames)
    assert len(tracks) == 2
    for track in tracks:
        assert len(track.rows) == 120
        assert track.people.tolist() == [truth[r][track.number - 1] for r in track.rows]


def test_someone_who_leaves_and_comes_back_is_the_same_person() -> None:
    here = [*range(60), *range(300, 360)]
    frames = [frame(i, [person(0.1, 0.4, 0.4)] if i in here else []) for i in range(360)]
    (track,) = follow(frames)
    assert track.rows.tolist() == here


def test_someone_else_in_the_same_place_is_not() -> None:
    frames = [frame(i, [person(0.1, 0.4, 0.4)]) for i in range(60)]
    frames += [frame(i, []) for i in range(60, 150)]
    frames += [frame(i, [person(0.1, 0.1, 0.85)]) for i in range(150, 200)]
    assert [len(t.rows) for t in follow(frames)] == [60, 50]


@pytest.mark.parametrize("fps", [30, 60, 120])
def test_who_walks_past_in_front_does_not_become_the_one_behind(fps: int) -> None:
    frames, alone = [], []
    for i in range(6 * fps):
        t = i / fps
        people = [person(0.43, 0.3, 0.4)]
        if 2.0 <= t < 5.0:  # first in the crop of whom he hides, who is found again a second later
            tall = min(0.65, 0.4 * 1.13 ** (i - 2 * fps))
            coach = person(0.43 + 0.15 * (t - 2.0), 0.2, tall)
            people = [coach, *people] if t >= 3.0 else [coach]
        frames.append(frame(i, people, seconds=t))
        alone.append(t < 2.0 or t >= 3.0)
    behind, passer = follow(frames)
    assert (np.array(alone) ^ np.isin(range(6 * fps), behind.rows)).sum() <= 8
    for track, tall in ((behind, 0.4), (passer, 0.65)):
        boxes = np.stack(
            [frames[r].bboxes[p] for r, p in zip(track.rows, track.people, strict=True)]
        )
        assert np.median(boxes[:, 3] - boxes[:, 1]) == pytest.approx(tall)


def test_who_crouches_and_jumps_up_beside_another_stays_one_person() -> None:
    frames = []
    for i in range(240):
        tall = np.interp(i / FPS, [1.0, 1.15], [0.24, 0.45])
        people = [person(0.3, 0.7 - tall, tall), person(0.6, 0.3, 0.4)]
        frames.append(frame(i, people[: 1 if i < 100 else 2]))
    assert [len(track.rows) for track in follow(frames)] == [240, 140]


def test_a_detector_that_slips_to_a_bystander_does_not_move_the_athlete() -> None:
    slips = range(100, 110)
    frames = [
        frame(i, [person(0.05, 0.1, 0.4) if i in slips else jumper(i / FPS)]) for i in range(240)
    ]
    choice = choose(frames)
    assert np.flatnonzero(~choice.sequence.seen).tolist() == list(slips)
    assert choice.record()["tracks"] == 2


def test_fast_movement_at_a_low_frame_rate_stays_one_track() -> None:
    frames = [
        frame(i, [person(0.05 + 0.12 * i, 0.4, 0.4)], seconds=i / 10) for i in range(8)
    ]  # 3 body heights per second at 10 frames per second
    assert [len(t.rows) for t in follow(frames)] == [8]


def test_the_sequence_holds_every_frame_and_nan_where_nobody_was() -> None:
    frames = [frame(i, [jumper(i / FPS)] if i % 10 else []) for i in range(120)]
    sequence = choose(frames).sequence
    assert len(sequence) == 120
    assert np.isnan(sequence.keypoints[::10]).all()
    assert (sequence.visibility[::10] == 0).all()
    assert sequence.keypoints[5] == pytest.approx(frames[5].keypoints[0])
    assert sequence.pts_seconds[7] == 7 / FPS


@pytest.mark.parametrize("count", [0, 3])
def test_nobody_anywhere_is_no_track(count: int) -> None:
    choice = choose([frame(i, []) for i in range(count)])
    assert choice.track is None
    assert len(choice.sequence) == count
    assert not choice.sequence.seen.any()


def test_a_frame_whose_time_does_not_grow_is_left_out() -> None:
    frames = [frame(i, [jumper(0)], seconds=s) for i, s in enumerate([0.0, 0.1, 0.1, 0.05, 0.2])]
    sequence = choose(frames).sequence
    assert sequence.frame_index.tolist() == [0, 1, 4]
    assert (np.diff(sequence.pts_seconds) > 0).all()
