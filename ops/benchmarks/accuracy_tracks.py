"""What a tracker sees in each clip: drawn once, tracked once, kept in a folder."""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path

from accuracy_clips import Case
from unwatched import Unwatched

from posebatch_shared.jobs import TrackOptions
from posebatch_shared.poses import PoseSequence
from posebatch_shared.settings import load_settings
from posebatch_workers.athlete.clip import Truth, draw_clip
from posebatch_workers.checkpoint import Checkpoint
from posebatch_workers.fingerprint import describe_poses
from posebatch_workers.parts import track_video
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


def tracked(case: Case, cache: Path, tracker: Tracker, *, dense: bool = False) -> Tracked:
    """Draw and track the clip, or take both from the cache. Only files of ours are unpickled."""
    key = hashlib.sha256(repr(sorted(asdict(case.spec).items())).encode()).hexdigest()[:16]
    clip, truth_file = cache / f"{key}.{case.spec.container}", cache / f"{key}.truth"
    if not truth_file.exists():
        truth_file.write_bytes(pickle.dumps(draw_clip(case.spec, clip)))
    least_side_px = load_settings().least_side_px or 0
    way = describe_poses(TrackOptions(dense=dense), tracker.info, least_side_px=least_side_px)
    poses_file = cache / f"{key}.{tracker.info.name}.{way.digest()[:16]}.poses"
    if not poses_file.exists():
        poses_file.write_bytes(pickle.dumps(_poses(clip, tracker, dense=dense)))
    return Tracked(
        case=case,
        path=clip,
        truth=pickle.loads(truth_file.read_bytes()),
        sequence=pickle.loads(poses_file.read_bytes()),
    )


def _poses(clip: Path, tracker: Tracker, *, dense: bool) -> PoseSequence:
    """As a worker does it: pictures of the same size, and the same frames passed over."""
    with (
        open_video(clip, ReadOptions(least_side=load_settings().least_side_px)) as video,
        tempfile.TemporaryDirectory() as folder,
    ):
        poses = track_video(
            video,
            tracker,
            dense=dense,
            checkpoint=Checkpoint(
                Path(folder), content_hash="", pipeline_hash="", part_seconds=inf
            ),
            progress=Unwatched(),
            timer=StageTimer(),
        )
        width, height = video.info.width, video.info.height
    return choose_athlete(
        poses, "auto", skeleton=tracker.skeleton, width=width, height=height
    ).sequence
