"""The overlay: sizes, times, and what is drawn where."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from contract.overlay_scenes import ANALYSIS, UNEVEN, film, overlay, standing, uneven_clip, written
from contract.video_patterns import Pattern, write
from contract.video_readers import frames
from posebatch_shared.poses import PoseSequence
from posebatch_workers.overlay.canvas import Canvas
from posebatch_workers.overlay.captions import Captions
from posebatch_workers.overlay.drawing import Drawing
from posebatch_workers.overlay.film import Pace
from posebatch_workers.overlay.footage import decoded_again
from posebatch_workers.timing import StageTimer
from posebatch_workers.trackers.skeletons import BLAZEPOSE_33
from posebatch_workers.video.reader import ReadOptions, open_video


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return uneven_clip(tmp_path_factory.mktemp("overlay"))


def test_what_phones_and_browsers_play(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "overlay.mp4"
    overlay(clip, out, ANALYSIS)
    probe, times, pictures = film(out)
    assert (probe.codec, probe.pixel_format) == ("h264", "yuv420p")
    assert (probe.width, probe.height, probe.rotation_degrees) == (406, 720, 0)
    assert len(pictures) == len(UNEVEN)
    np.testing.assert_allclose(times, UNEVEN, atol=1e-3)
    head = out.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


@pytest.mark.parametrize("analysis", [{}, {"jumps": None}, {"jumps": [{}], "phases": [{}]}])
def test_tracks_alone_are_enough(analysis: dict[str, Any], clip: Path, tmp_path: Path) -> None:
    overlay(clip, tmp_path / "overlay.mp4", analysis)
    _, _, pictures = film(tmp_path / "overlay.mp4")
    plain = _plain(clip)
    assert all(_changed(a, b).any() for a, b in zip(plain, pictures, strict=True))


def test_bones_box_and_texts_are_where_they_belong(clip: Path, tmp_path: Path) -> None:
    overlay(clip, tmp_path / "overlay.mp4", ANALYSIS)
    _, _, pictures = film(tmp_path / "overlay.mp4")
    changed = _changed(_plain(clip)[0], pictures[0])
    assert changed[216:504, 150:260].any()  # skeleton and box
    assert changed[:60, :150].any()  # texts
    assert changed[712:].any()  # timeline
    assert not changed[60:160].any()  # nothing between texts and athlete


def _plain(clip: Path) -> list[np.ndarray]:
    with open_video(clip, ReadOptions()) as video:
        return [
            cv2.resize(f.pixels, (406, 720), interpolation=cv2.INTER_LINEAR) for f in frames(video)
        ]


def _changed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(int) - b).max(axis=2) > 70


def test_stages_are_booked_under_overlay(clip: Path, tmp_path: Path) -> None:
    rows = {row.stage: row for row in overlay(clip, tmp_path / "o.mp4", {}).timings()}
    assert rows["overlay"].parent == "job"
    assert rows["overlay_draw"].parent == rows["overlay_encode"].parent == "overlay"
    assert rows["overlay_draw"].calls == len(UNEVEN)
    children = rows["overlay_draw"].seconds + rows["overlay_encode"].seconds
    assert children <= rows["overlay"].seconds


def test_captions_of_a_jump() -> None:
    captions = Captions.read(ANALYSIS)
    assert captions.lines(0.2) == ["0.200 s", "cmj"]
    assert captions.lines(0.6) == ["0.600 s", "cmj", "flight"]
    assert captions.lines(1.2) == ["1.200 s", "cmj", "30.6 cm, 500 ms in the air"]
    assert captions.happening(0.49) is None
    assert captions.happening(0.5) == "take-off"
    assert captions.happening(1.05) == "landing"


def test_a_gap_in_the_track_draws_nobody(clip: Path, tmp_path: Path) -> None:
    sequence = standing(UNEVEN, 542, 962)
    keypoints = sequence.keypoints.copy()
    keypoints[5:] = np.nan
    unseen = replace(sequence, keypoints=keypoints)
    footage = decoded_again(partial(open_video, clip), UNEVEN)
    written(footage, unseen, {}, tmp_path / "o.mp4", StageTimer())
    _, _, pictures = film(tmp_path / "o.mp4")
    athlete = np.s_[216:504, 150:260]
    plain = _plain(clip)
    assert _changed(plain[0], pictures[0])[athlete].any()
    assert not _changed(plain[8], pictures[8])[athlete].any()


@pytest.mark.parametrize(("fps", "kept"), [(30, 1), (48, 2), (60, 2), (120, 4), (240, 8)])
def test_a_fast_clip_gives_a_film_of_at_most_thirty(fps: int, kept: int, tmp_path: Path) -> None:
    times = [n / fps for n in range(fps // 2)]
    clip = write(tmp_path / "clip.mp4", Pattern(times=times))
    footage, out = decoded_again(partial(open_video, clip), times), tmp_path / "o.mp4"
    written(footage, standing(times, 128, 96), ANALYSIS, out, StageTimer())
    probe, shown, pictures = film(out)
    np.testing.assert_allclose(shown, times[::kept], atol=1e-3)
    assert len(pictures) == len(shown)
    assert probe.fps == pytest.approx(fps / kept, rel=0.01)
    assert probe.duration_seconds == pytest.approx(0.5, abs=kept / fps)


@pytest.mark.parametrize("order", ["as they come", "at random"])
def test_pictures_are_evenly_spread_whatever_is_asked_for_first(order: str) -> None:
    random = np.random.default_rng(3)
    times = np.arange(600) / 60 + random.uniform(-1e-3, 1e-3, 600)
    pace = Pace(60.0)
    asked = times if order == "as they come" else random.permutation(times)
    film = sorted(t for t in asked if pace.takes(t))
    steps = np.diff(film) * 60
    assert steps.min() > 1.4
    assert steps.max() < (2.2 if order == "as they come" else 3.2)


def test_the_face_stays_free_and_the_body_is_drawn_whole() -> None:
    times, nodes = [0.0, 1.0], len(BLAZEPOSE_33.nodes)
    keypoints = np.zeros((2, nodes, 3), np.float32)
    keypoints[:, :, :2] = (0.5, 0.75)
    for row, node in enumerate(BLAZEPOSE_33.nodes):
        if any(part in node for part in ("eye", "ear", "mouth", "pinky", "thumb")):
            keypoints[:, row, :2] = (0.5, 0.25)
        elif node.endswith("ankle"):
            keypoints[:, row, :2] = (0.25 if node.startswith("left") else 0.75, 0.5)
    sequence = PoseSequence(
        skeleton=BLAZEPOSE_33,
        width=400,
        height=400,
        frame_index=np.arange(2),
        pts_seconds=np.array(times),
        keypoints=keypoints,
        visibility=np.ones((2, nodes), np.float32),
    )
    canvas = Canvas(400, 400)
    canvas.show(np.full((400, 400, 3), 128, np.uint8))
    plain = canvas.bgr()
    Drawing(sequence, Captions.read({}), 400, 400).draw(canvas, 0.0)
    changed = np.abs(canvas.bgr().astype(int) - plain).max(axis=2) > 30
    assert not changed[110:190, 150:250].any()
    assert changed[290:310, 190:210].any()  # hips and all else
    assert changed[190:210, 90:110].any()  # both ankles
    assert changed[190:210, 290:310].any()
    assert changed[245:255, 145:155].any()  # and the legs to them
    assert changed[245:255, 245:255].any()


def test_texts_are_legible_and_fit_on_the_smallest_pictures() -> None:
    width, height = 176, 144
    captions, canvas = Captions.read(ANALYSIS), Canvas(width, height)
    canvas.show(np.zeros((height, width, 3), np.uint8))
    Drawing(standing([0.0], width, height), captions, width, height).draw(canvas, 1.1)
    bright = canvas.bgr().max(axis=2)[: height // 2] > 128
    edges = np.flatnonzero(np.diff(bright.any(axis=1), prepend=False, append=False))
    letters = edges[1::2] - edges[::2]  # heights of what is written, dots of an i apart
    assert (letters >= 6).sum() == len(captions.lines(1.1)) == 3
    assert not bright[:, -1].any()
