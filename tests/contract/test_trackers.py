"""What every tracker must do, asked of each that starts here: of one added to TRACKERS, too, and of
the one in ops/docs/extending.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cache, partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from extending import MODEL_OF_THE_PAGE, OF_THE_PAGE, tracker_of_the_page
from networks import markers
from networks.people import body, frame, jumping
from posebatch_shared.errors import DeviceUnavailable, ModelMissing
from posebatch_shared.poses import JUMP_LANDMARKS, FramePoses
from posebatch_shared.results import VideoInfo
from posebatch_shared.settings import load_settings
from posebatch_workers.analysis import analyse, bias_of
from posebatch_workers.athlete.clip import ClipSpec, Shoot
from posebatch_workers.keypoints import read_keypoints, write_keypoints
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers import TRACKERS, Tracker, TrackerRequest
from posebatch_workers.trackers.athlete_choice import choose_athlete
from posebatch_workers.trackers.models import registry
from posebatch_workers.video.frames import Frame

ALL = MappingProxyType({OF_THE_PAGE: tracker_of_the_page, **TRACKERS})
#: Another size or device of one that is asked.
ALIKE = {"blazepose-full", "blazepose-heavy", "mediapipe-full", "mediapipe-heavy"} | {
    "rtmpose-coreml",
    "rtmpose-cuda",
    "rtmpose-tensorrt",
}
#: They need no more than networks of ours, or a model that comes with a package.
EVERYWHERE = {"blazepose", "mediapipe", "rtmo", "rtmpose-cpu", "rtmpose-rtmdet"}
FEET = {f"{side}_{part}" for side in ("left", "right") for part in ("heel", "foot_index")}
#: The longest stretch of a clip that a tracker is handed at once here.
BATCH = 5

Make = Callable[[], Tracker]
Seen = list[list[FramePoses]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of networks that find discs, under the names that the registry has for them."""
    folder = tmp_path_factory.mktemp("models")
    files = {name: folder / model.file for name, model in registry().items()}
    markers.simcc_network(files["rtmpose-s"])
    markers.yolox_network(files["yolox-tiny"])
    markers.rtmdet_network(files["rtmdet-nano"])
    markers.rtmo_network(files["rtmo-s"])
    markers.points_network(folder / MODEL_OF_THE_PAGE.file)
    return folder


@pytest.fixture(scope="module", params=[name for name in ALL if name not in ALIKE])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def make(name: str, models: Path) -> Make:
    """Makes another tracker of this name."""
    folder = models if _starts_everywhere(name) else load_settings().model_dir
    request = TrackerRequest(quality="balanced", model_dir=folder, threads=2, fetch=False)
    return partial(ALL[name], request)


def _starts_everywhere(name: str) -> bool:
    return name in EVERYWHERE or ALL[name] is tracker_of_the_page


@pytest.fixture(scope="module")
def tracker(name: str, make: Make) -> Iterator[Tracker]:
    try:
        made = make()
    except (ModelMissing, DeviceUnavailable) as error:
        if _starts_everywhere(name):
            raise
        pytest.skip(str(error))
    yield made
    made.close()


@cache
def clips() -> tuple[list[Frame], ...]:
    """A drawn athlete, somebody made of discs, nobody, and somebody else made of discs."""
    spec = ClipSpec(fps=30.0, quiet_seconds=0.3)
    drawn = enumerate(islice(Shoot.of(spec).frames(), 14))
    return (
        [Frame(frame_index=i, pts_seconds=i / 30, pixels=pixels) for i, pixels in drawn],
        [frame(i, jumping(i)) for i in range(20)],
        [frame(i) for i in range(6)],
        [frame(i, body(250, 100, 400)) for i in range(7)],
    )


def track(tracker: Tracker, frames: Sequence[Frame]) -> list[FramePoses]:
    """As the pipeline asks: frame by frame who can go back to an earlier one."""
    height, width, _ = frames[0].pixels.shape
    info = VideoInfo(
        width=width,
        height=height,
        fps=30.0,
        frames=None,
        duration_seconds=len(frames) / 30,
        rotation_degrees=0,
        codec="drawn",
    )
    tracker.begin(info, StageTimer())
    step = 1 if tracker.any_order else BATCH
    batches = [frames[start : start + step] for start in range(0, len(frames), step)]
    return [poses for batch in batches for poses in tracker.track(batch)] + tracker.end()


@pytest.fixture(scope="module")
def seen(tracker: Tracker) -> Seen:
    """What one tracker makes of the clips, one after the other."""
    return [track(tracker, clip) for clip in clips()]


def test_every_frame_has_its_answer_in_order(seen: Seen) -> None:
    for clip, answers in zip(clips(), seen, strict=True):
        told = [(poses.frame_index, poses.pts_seconds) for poses in answers]
        assert told == [(frame.frame_index, frame.pts_seconds) for frame in clip]


def test_people_are_numbers_within_the_picture(tracker: Tracker, seen: Seen) -> None:
    people = [poses for answers in seen for poses in answers if len(poses.scores)]
    assert people
    for poses in people:
        assert poses.keypoints.shape == (len(poses.scores), len(tracker.skeleton.nodes), 3)
        for numbers in (poses.keypoints, poses.scores, poses.bboxes):
            assert np.isfinite(numbers).all()
        assert poses.scores.min() >= 0
        assert poses.scores.max() <= 1
        middle = np.median(poses.keypoints[:, :, :2], axis=1)
        assert ((middle > 0) & (middle < 1)).all()
        assert (poses.bboxes[:, :2] < poses.bboxes[:, 2:]).all()


def test_who_is_there_is_found_and_nobody_is_nobody(seen: Seen) -> None:
    drawn, discs, empty, more = ([len(poses.scores) > 0 for poses in clip] for clip in seen)
    assert max(np.mean(found) for found in (drawn, discs, more)) > 0.8
    assert not any(empty)


def test_videos_through_one_tracker_equal_fresh_trackers(seen: Seen, make: Make) -> None:
    for clip, answers in zip(clips(), seen, strict=True):
        fresh = make()
        expected = track(fresh, clip)
        fresh.close()
        for one, other in zip(answers, expected, strict=True):
            assert one.keypoints == pytest.approx(other.keypoints, abs=1e-4)
            assert one.bboxes == pytest.approx(other.bboxes, abs=1e-4)


def test_the_analysis_reads_its_skeleton(tracker: Tracker) -> None:
    skeleton = tracker.skeleton
    assert set(JUMP_LANDMARKS) - set(skeleton.nodes) in (set(), FEET)
    assert len(set(skeleton.nodes)) == len(skeleton.nodes)
    assert {node for edge in skeleton.edges for node in edge} <= set(skeleton.nodes)


def test_what_it_sees_can_be_stored_and_analysed(
    tracker: Tracker, seen: Seen, tmp_path: Path
) -> None:
    path = tmp_path / "keypoints.parquet"
    for clip, answers in zip(clips(), seen, strict=True):
        height, width, _ = clip[0].pixels.shape
        choice = choose_athlete(answers, skeleton=tracker.skeleton, width=width, height=height)
        write_keypoints(choice.sequence, path, {"tracker": asdict(tracker.info)})
        with path.open("rb") as stored:
            back = read_keypoints(stored)
        analysis = analyse(back, tracker_bias=bias_of(tracker.info.name))
        assert json.dumps(analysis.to_json())


def test_it_says_what_it_is(tracker: Tracker, name: str) -> None:
    info = tracker.info
    assert info.name == name
    assert all((info.model, info.model_sha256, info.device, info.provider, info.versions))
    assert json.dumps(asdict(info))
