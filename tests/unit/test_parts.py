"""A long clip is tracked part by part, and one that was interrupted ends like one that was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from ledgers import result
from posebatch_shared.poses import FramePoses
from posebatch_shared.results import VideoInfo
from posebatch_workers.checkpoint import Checkpoint
from posebatch_workers.parts import track_video
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.base import people_in
from posebatch_workers.trackers.skeletons import BLAZEPOSE_33
from posebatch_workers.video.frames import Frame

NODES = len(BLAZEPOSE_33.nodes)
PIXELS = np.zeros((2, 2, 3), np.uint8)


@dataclass
class Clip:
    """Four pictures a second, in batches that end anywhere."""

    seconds: float

    @property
    def info(self) -> VideoInfo:
        length = int(4 * self.seconds)
        return replace(result().video_info, frames=length, duration_seconds=self.seconds)

    def batches(self) -> Iterator[Sequence[Frame]]:
        numbers = range(self.info.frames or 0)
        for first in numbers[::7]:
            yield [
                Frame(frame_index=n, pts_seconds=n / 4, pixels=PIXELS)
                for n in numbers[first : first + 7]
            ]


@dataclass
class Counting:
    """A tracker whose answers depend on how many frames it has seen since it forgot; the last of
    them it gives at the end."""

    any_order: bool = False
    skeleton = BLAZEPOSE_33
    seen: list[int] = field(default_factory=list)
    began: list[int] = field(default_factory=list)
    held: list[FramePoses] = field(default_factory=list)

    def begin(self, video: VideoInfo, timer: StageTimer) -> None:
        assert isinstance(timer, StageTimer)
        assert video.duration_seconds
        self.began.append(len(self.seen))
        self.age = 0

    def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
        answers = self.held + [self._answer(frame) for frame in frames]
        self.held = [] if self.any_order else [answers.pop()]
        return answers

    def _answer(self, frame: Frame) -> FramePoses:
        self.seen.append(frame.frame_index)
        self.age += not self.any_order
        keypoints = np.full((1, NODES, 3), self.age / 1000, np.float32)
        keypoints[:, :, 1] += np.linspace(0.2, 0.8, NODES)
        return people_in(frame, keypoints, np.full((1, NODES), 0.9, np.float32))

    def end(self) -> list[FramePoses]:
        answers, self.held = self.held, []
        return answers


@dataclass
class Told:
    """Progress that ends the job once that many frames are done."""

    most: float = float("inf")
    steps: list[int] = field(default_factory=list)

    def advance(self, frames_done: int, frames_total: int | None) -> None:
        assert frames_total
        self.steps.append(frames_done)
        if frames_done > self.most:
            raise InterruptedError


def tracked(
    folder: Path, clip: Clip, tracker: Counting, told: Told, *, dense: bool = True
) -> list[FramePoses]:
    checkpoint = Checkpoint(folder, content_hash="c", pipeline_hash="p", part_seconds=20)
    return track_video(
        clip,
        tracker,  # type: ignore[arg-type]
        dense=dense,
        checkpoint=checkpoint,
        progress=told,
        timer=StageTimer(),
    )


def plain(poses: Sequence[FramePoses]) -> list[tuple[int, float, bytes]]:
    return [(p.frame_index, p.pts_seconds, p.keypoints.tobytes()) for p in poses]


def test_a_long_clip_is_forgotten_at_every_part_and_a_short_one_is_whole(tmp_path: Path) -> None:
    long, short = Counting(), Counting()
    answers = tracked(tmp_path, Clip(90), long, told := Told())
    assert [poses.frame_index for poses in answers] == long.seen == list(range(360))
    assert long.began == [0, 80, 160, 240, 320]
    assert told.steps[-1] == 360
    assert len(list(tmp_path.glob("*/part-*.npz"))) == 5
    assert len(tracked(tmp_path / "short", Clip(60), short, Told())) == 240
    assert short.began == [0]
    assert not (tmp_path / "short").exists()


def test_an_interrupted_clip_goes_on_and_ends_with_the_same_poses(tmp_path: Path) -> None:
    whole = tracked(tmp_path / "whole", Clip(90), Counting(), Told())
    with pytest.raises(InterruptedError):
        tracked(tmp_path / "parts", Clip(90), Counting(), Told(most=200))
    again = Counting()
    resumed = tracked(tmp_path / "parts", Clip(90), again, told := Told())
    assert again.seen == list(range(160, 360)), "two parts were kept"
    assert 160 < told.steps[0] <= 167
    assert told.steps[-1] == 360
    assert plain(resumed) == plain(whole)


@pytest.mark.parametrize(
    ("any_order", "dense", "all_seen"),
    [(True, False, False), (True, True, True), (False, False, True)],
)
def test_frames_without_movement_are_passed_over_where_that_is_possible_and_wanted(
    tmp_path: Path, any_order: bool, dense: bool, all_seen: bool
) -> None:
    clip = Clip(10)
    clip_of_60 = [Frame(frame_index=n, pts_seconds=n / 60, pixels=PIXELS) for n in range(120)]
    clip.batches = lambda: iter([clip_of_60[:50], clip_of_60[50:]])  # type: ignore[method-assign]
    tracker = Counting(any_order=any_order)
    answers = tracked(tmp_path, clip, tracker, Told(), dense=dense)
    assert [poses.frame_index for poses in answers] == list(range(120))
    assert (len(tracker.seen) == 120) == all_seen
