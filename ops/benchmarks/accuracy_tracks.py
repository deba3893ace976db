"""What a tracker sees in each clip: drawn once, tracked once, kept in a folder."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from accuracy_clips import Case

from posebatch_shared.poses import FramePoses, PoseSequence
from posebatch_workers.athlete.clip import Truth, draw_clip
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.athlete_choice import choose_athlete
from posebatch_workers.trackers.base import Tracker
from posebatch_workers.video.reader import ReadOptions, open_video


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """One clip as the tracker saw it, with the truth."""

    case: Case
    path: Path
    truth: Truth
    sequence: PoseSequence


def tracked(case: Case, cache: Path, tracker: Tracker) -> Tracked:
    """Draw and track the clip, or take both from the cache. Only files of ours are unpickled."""
    key = hashlib.sha256(repr(sorted(asdict(case.spec).items())).encode()).hexdigest()[:16]
    clip, truth_file = cache / f"{key}.{case.spec.container}", cache / f"{key}.truth"
    if not truth_file.exists():
        truth_file.write_bytes(pickle.dumps(draw_clip(case.spec, clip)))
    poses_file = cache / f"{key}.{tracker.info.name}.{tracker.info.model_sha256[:8]}.poses"
    if not poses_file.exists():
        poses_file.write_bytes(pickle.dumps(_poses(clip, tracker)))
    return Tracked(
        case=case,
        path=clip,
        truth=pickle.loads(truth_file.read_bytes()),
        sequence=pickle.loads(poses_file.read_bytes()),
    )


def _poses(clip: Path, tracker: Tracker) -> PoseSequence:
    poses: list[FramePoses] = []
    with open_video(clip, ReadOptions()) as video:
        tracker.begin(video.info, StageTimer())
        for frames in video.batches():
            poses += tracker.track(frames)
        poses += tracker.end()
        width, height = video.info.width, video.info.height
    choice = choose_athlete(
        _ordered(poses), "auto", skeleton=tracker.skeleton, width=width, height=height
    )
    return choice.sequence


def _ordered(poses: Sequence[FramePoses]) -> list[FramePoses]:
    return sorted(poses, key=lambda frame: frame.frame_index)
