"""Does the file hold the pictures that were drawn, at the times that the truth states?"""

from __future__ import annotations

import json
from itertools import islice

import av
import numpy as np
import pytest

from posebatch_shared.errors import UsageError
from posebatch_shared.poses import JUMP_LANDMARKS
from posebatch_workers.athlete.clip import ClipSpec, Shoot, draw_clip
from posebatch_workers.athlete.clock import clock_of
from posebatch_workers.athlete.samples import demo_specs, file_name, sample_set, write_samples

SMALL = {"width": 180, "height": 320, "fps": 24.0, "quiet_seconds": 0.3}


def _pictures(spec: ClipSpec, count: int) -> list[np.ndarray]:
    return list(islice(Shoot.of(spec).frames(), count))


@pytest.mark.parametrize(
    ("codec", "container", "more"),
    [
        ("h264", "mp4", {}),
        ("h264", "mp4", {"variable_frame_rate": True, "rotation_degrees": 90}),
        ("h264", "mov", {"rotation_degrees": 270}),
        ("hevc10", "mp4", {"rotation_degrees": 180}),
        ("vp9", "webm", {"variable_frame_rate": True}),
        ("mpeg4", "avi", {}),
        ("mpeg4", "mkv", {}),
    ],
)
def test_the_file_shows_what_was_drawn_when_it_was_drawn(tmp_path, codec, container, more):
    spec = ClipSpec(codec=codec, container=container, **(SMALL | more))
    truth = draw_clip(spec, tmp_path / f"clip.{container}")
    with av.open(str(tmp_path / f"clip.{container}")) as file:
        frames = list(file.decode(video=0))
    assert [float(f.pts * f.time_base) for f in frames] == pytest.approx(list(truth.pts_seconds))
    assert frames[0].rotation % 360 == -spec.rotation_degrees % 360

    stored = frames[5].to_ndarray(format="rgb24")
    upright = np.rot90(stored, -(spec.rotation_degrees // 90)).astype(int)
    drawn = _pictures(spec, 6)[5]
    assert upright.shape == drawn.shape == (320, 180, 3)
    assert np.abs(upright - drawn).mean() < 6


def test_slow_motion_stretches_moments_but_not_durations():
    normal, slow = (
        Shoot.of(ClipSpec(fps=240, slow_motion=factor)).truth() for factor in (1.0, 8.0)
    )
    assert slow.pts_seconds == pytest.approx(8 * normal.pts_seconds)
    a, b = normal.jumps[0], slow.jumps[0]
    assert b.takeoff_seconds == pytest.approx(8 * a.takeoff_seconds)
    assert b.flight_time_seconds == pytest.approx(a.flight_time_seconds)
    assert slow.joints == pytest.approx(normal.joints)


def test_variable_frame_rate_drops_and_shakes_but_goes_forward():
    steady = clock_of(ClipSpec(), 4.0).ticks
    shaken = clock_of(ClipSpec(variable_frame_rate=True), 4.0).ticks
    assert 0.8 * len(steady) < len(shaken) < len(steady)
    assert np.diff(shaken).min() > 0
    assert np.diff(shaken).max() > 1.5 * np.diff(steady).max()


@pytest.mark.parametrize("view_angle_deg", [10.0, 50.0, 90.0])
def test_the_joints_lie_on_the_athlete(view_angle_deg):
    spec = ClipSpec(view_angle_deg=view_angle_deg, noise_sd=0.0)
    shoot = Shoot.of(spec)
    shown = next(shoot.frames()).astype(int)
    person = np.abs(shown - next(Shoot.of(_away(spec)).frames())).sum(axis=2) > 40
    x, y = shoot.truth().joints[0].round().astype(int).T
    assert person[y, x].all()
    assert shoot.truth().joints.shape == (len(shoot), len(JUMP_LANDMARKS), 2)


def _away(spec: ClipSpec) -> ClipSpec:
    """The same room with nobody in it: the walker has not come in yet."""
    return ClipSpec(kind="walking", view_angle_deg=90.0, seed=spec.seed)


def test_equal_specs_give_equal_pictures_and_seeds_matter():
    spec = ClipSpec(noise_sd=5, exposure_seconds=1 / 100, brightness=0.8, **SMALL)
    first, again = (_pictures(spec, 3)[2] for _ in range(2))
    other = _pictures(ClipSpec(noise_sd=5, seed=1, **SMALL), 3)[2]
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("more", [{"bystander": True}, {"occluder": True}, {"noise_sd": 8.0}])
def test_what_is_asked_for_is_in_the_picture(more):
    plain, changed = (_pictures(ClipSpec(**SMALL, **extra), 1)[0] for extra in ({}, more))
    assert np.abs(plain.astype(int) - changed).max() > 15


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fps": 500}, "fps"),
        ({"kind": "hop"}, "kind"),
        ({"container": "webm"}, "does not hold"),
        ({"container": "mkv", "rotation_degrees": 90}, "no rotation"),
        ({"width": 99}, "even"),
    ],
)
def test_a_wrong_spec_is_refused(wrong, said):
    with pytest.raises(UsageError, match=said):
        ClipSpec(**wrong)


def test_samples_are_written_with_their_truth(tmp_path):
    specs = [ClipSpec(**SMALL), ClipSpec(kind="squats", **SMALL), ClipSpec(**SMALL)]
    told: list[tuple[int, str]] = []
    truth = write_samples(tmp_path, specs, lambda number, name: told.append((number, name)))
    data = json.loads(truth.read_text())
    assert told == [(n, clip["file"]) for n, clip in enumerate(data["clips"], 1)]
    files = [clip["file"] for clip in data["clips"]]
    assert files[0] == "cmj_35cm_side_24fps_180x320.mp4"
    assert len(set(files)) == 3
    assert all((tmp_path / name).stat().st_size > 1000 for name in files)
    truth = data["clips"][0]["truth"]
    assert len(truth["joints"]) == len(truth["pts_seconds"])
    assert truth["jumps"][0]["jump_height_m"] == pytest.approx(0.35)
    assert data["clips"][1]["truth"]["jumps"] == []


def test_the_sample_set_covers_what_archives_hold():
    specs = sample_set()
    quiet = {"standing", "squats", "walking", "sitting-down", "out-of-frame"}
    assert len(specs) >= 60
    assert sum(spec.kind in quiet for spec in specs) >= 10
    assert {spec.codec for spec in specs} == {"h264", "hevc10", "vp9", "mpeg4"}
    assert {spec.rotation_degrees for spec in specs} == {0, 90, 180, 270}
    assert specs == sample_set()
    assert file_name(demo_specs()[1]) == "cmj_40cm_side_60fps.mp4"
