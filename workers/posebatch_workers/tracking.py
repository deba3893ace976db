"""From a file to a result: open, track, choose the athlete, analyse, draw, write artifacts."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from posebatch_shared.artifacts import ArtifactStore
from posebatch_shared.errors import NoPerson
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.poses import PoseSequence
from posebatch_shared.results import Artifacts, JobResult, VideoInfo
from posebatch_shared.versions import ANALYSIS_VERSION
from posebatch_workers.analysis import Analysis, analyse, bias_of
from posebatch_workers.checkpoint import Checkpoint
from posebatch_workers.fingerprint import CacheKey
from posebatch_workers.keypoints import write_keypoints
from posebatch_workers.overlay.filmed import Filmed
from posebatch_workers.overlay.spool import Spool
from posebatch_workers.overlay.write import write_overlay
from posebatch_workers.parts import Progress, track_video
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.athlete_choice import AthleteChoice, choose_athlete
from posebatch_workers.trackers.base import Tracker
from posebatch_workers.video.reader import ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess

#: Below this share of frames with an athlete there is nothing to measure.
MIN_SEEN_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """All that one video gave, before it is written down."""

    info: VideoInfo
    choice: AthleteChoice
    analysis: Analysis

    @property
    def sequence(self) -> PoseSequence:
        """The athlete's poses."""
        return self.choice.sequence

    def looks(self) -> list[float]:
        """When the tracker looked, in seconds."""
        seconds: list[float] = self.sequence.pts_seconds[self.sequence.looked_at].tolist()
        return seconds

    def _coverage(self) -> dict[str, int]:
        """In how many frames the athlete was seen, and how many of all were not looked at."""
        return {
            "frames": len(self.sequence),
            "seen": int(self.sequence.seen.sum()),
            "interpolated": int((~self.sequence.looked_at).sum()),
        }

    def result(
        self, key: CacheKey, tracker: Tracker, artifacts: Artifacts, timer: StageTimer
    ) -> JobResult:
        """As the ledger keeps it; the timings end here."""
        return JobResult(
            content_hash=key.content_hash,
            pipeline_hash=key.pipeline_hash,
            video_info=self.info,
            tracker=tracker.info,
            analysis={
                **self.analysis.to_json(),
                "athlete": self.choice.record(),
                "coverage": self._coverage(),
                "poses": key.poses_hash,
            },
            artifacts=artifacts,
            timings=timer.timings(),
            frames_tracked=len(self.sequence),
        )


def track_file(
    path: Path,
    options: TrackOptions,
    *,
    tracker: Tracker,
    decoder: DecoderProcess,
    reading: ReadOptions,
    checkpoint: Checkpoint,
    spool: Spool | None,
    progress: Progress,
    timer: StageTimer,
) -> Tracked:
    """Decode and track, then analyse the athlete; the pictures are kept in `spool` for an overlay.
    Errors: those of decoder and tracker, NoPerson."""
    with ExitStack() as opened:
        with timer.stage("open"):
            video = opened.enter_context(decoder.open(path, reading))
        with timer.stage("track"):
            poses = track_video(
                video,
                Filmed(tracker, spool) if spool else tracker,
                dense=options.dense,
                checkpoint=checkpoint,
                progress=progress,
                timer=timer,
            )
        timer.extend(video.timings())
        info = replace(video.info, frames=len(poses))
    with timer.stage("choose_athlete"):
        choice = choose_athlete(
            poses, options.athlete, skeleton=tracker.skeleton, width=info.width, height=info.height
        )
    _require_person(choice.sequence)
    with timer.stage("analyse"):
        analysis = analyse(
            choice.sequence,
            kind=options.kind,
            slow_motion=options.slow_motion,
            athlete_height_m=options.athlete_height_m,
            tracker_bias=bias_of(tracker.info.name),
            timer=timer,
        )
    return Tracked(info=info, choice=choice, analysis=analysis)


def _require_person(sequence: PoseSequence) -> None:
    seen = int(sequence.seen.sum())
    if seen < max(1, MIN_SEEN_SHARE * len(sequence)):
        raise NoPerson(f"somebody was seen in {seen} of {len(sequence)} frames")


def write_artifacts(
    tracked: Tracked,
    source: Path,
    *,
    name: str,
    scratch: Path,
    tracker: Tracker,
    decoder: DecoderProcess,
    spool: Spool | None,
    artifacts: ArtifactStore,
    film_threads: ThreadPoolExecutor,
    timer: StageTimer,
) -> Artifacts:
    """Keypoints, and the overlay if there is a spool, under their final names. Errors: DiskFull."""
    with tempfile.TemporaryDirectory(prefix="artifacts-", dir=scratch) as folder:
        keypoints = Path(folder) / "keypoints.parquet"
        with timer.stage("write_keypoints"):
            write_keypoints(tracked.sequence, keypoints, _provenance(tracked.info, tracker))
            uri = artifacts.put(keypoints, f"{name}.keypoints.parquet")
        if spool is None:
            return Artifacts(keypoints=uri)
        overlay = Path(folder) / "overlay.mp4"
        write_overlay(
            spool.footage(partial(decoder.open, source), tracked.looks()),
            tracked.sequence,
            tracked.analysis.to_json(),
            overlay,
            timer,
            film_threads,
        )
        with timer.stage("write_overlay"):
            film = artifacts.put(overlay, f"{name}.overlay.mp4")
        return Artifacts(keypoints=uri, overlay=film)


def _provenance(info: VideoInfo, tracker: Tracker) -> Mapping[str, Any]:
    return {
        "video": asdict(info),
        "tracker": asdict(tracker.info),
        "analysis_version": ANALYSIS_VERSION,
    }
