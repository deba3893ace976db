"""What headless Chromium shows is what was read, and what was written plays in it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser

from contract.overlay_scenes import ANALYSIS, standing, written
from contract.video_patterns import Pattern, read, regular, write
from contract.video_readers import frames
from posebatch_workers.overlay.spool import Spool
from posebatch_workers.timing import StageTimer
from posebatch_workers.video.reader import ReadOptions, open_video

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[3] / "shared" / "videos"
ADDRESS = "http://clips.test/"
UNEVEN = [0, 0.033, 0.066, 0.1, 0.2, 0.24, 0.3, 0.5, 0.55, 0.9, 0.95, 1.0]
EVEN = regular(12, 30)

#: Loads a clip whole, so that every position can be sought, and tells what it is.
LOAD = """async name => {
  const blob = await (await fetch(name)).blob();
  const video = window.video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  await new Promise((done, failed) => {
    video.onloadeddata = done;
    video.onerror = () => failed(new Error(video.error.message));
    video.src = URL.createObjectURL(blob);
  });
  return {duration: video.duration, width: video.videoWidth, height: video.videoHeight};
}"""
#: The picture that is shown at a time, as PNG.
SHOW = """async seconds => {
  await new Promise(done => {
    video.requestVideoFrameCallback(done);
    video.currentTime = seconds;
  });
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext('2d').drawImage(video, 0, 0);
  return canvas.toDataURL('image/png').split(',')[1];
}"""
PLAY = """async () => {
  video.currentTime = 0;
  video.playbackRate = 4;
  await video.play();
  await new Promise(done => { video.onended = done; });
  return video.currentTime;
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Any]:
    opened = browser.new_page()
    yield opened
    opened.close()


def load(page: Any, clip: Path) -> dict[str, float]:
    page.unroute_all()
    page.route(
        ADDRESS + "**",
        lambda route: (
            route.fulfill(path=clip)
            if route.request.url.endswith("/clip")
            else route.fulfill(body="<title>clips</title>", content_type="text/html")
        ),
    )
    page.goto(ADDRESS)
    return dict(page.evaluate(LOAD, "/clip"))


def shown(page: Any, seconds: float) -> np.ndarray:
    png = np.frombuffer(base64.b64decode(page.evaluate(SHOW, seconds)), np.uint8)
    return cv2.cvtColor(cv2.imdecode(png, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("plain.mp4", Pattern(times=UNEVEN)),
        ("turned.mp4", Pattern(times=UNEVEN, degrees=90)),
        ("mirrored.mp4", Pattern(times=UNEVEN, degrees=270, mirrored=True)),
        ("edit-list.mp4", Pattern(times=[t - 0.1 for t in UNEVEN])),
        ("edit-list-audio.mp4", Pattern(times=[t - 0.1 for t in UNEVEN], after=["audio"])),
        ("late.mp4", Pattern(times=[t + 0.5 for t in UNEVEN], after=["audio"])),
        ("audio-first.mp4", Pattern(times=UNEVEN, before=["audio"])),
        ("fragmented.mp4", Pattern(times=EVEN, muxer={"movflags": "frag_keyframe+empty_moov"})),
        ("no-edit-list.mp4", Pattern(times=UNEVEN, muxer={"use_editlist": "0"})),
        ("late.webm", Pattern(times=[t + 0.5 for t in UNEVEN], encoder="libvpx-vp9")),
        ("vp9.webm", Pattern(times=UNEVEN, encoder="libvpx-vp9")),
        ("sound.mkv", Pattern(times=UNEVEN, before=["audio"])),
    ],
)
def test_the_browser_shows_the_same_frame_at_the_same_time(
    name: str, pattern: Pattern, page: Any, tmp_path: Path
) -> None:
    clip = write(tmp_path / name, pattern)
    with open_video(clip, ReadOptions()) as video:
        ours = [(f.pts_seconds, read(f.pixels)) for f in frames(video)]
        size = (video.info.width, video.info.height)
    facts = load(page, clip)
    assert (facts["width"], facts["height"]) == size
    for seconds, seen in ours:
        assert read(shown(page, seconds + 0.002)) == seen, seconds
    for (_, seen), (next_seconds, _) in pairwise(ours):
        assert read(shown(page, next_seconds - 0.002)) == seen, next_seconds


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no folder with real clips")
@pytest.mark.parametrize(
    "name",
    [
        "ax_sample_rotate_and_reflect.mp4",
        "iphone_rotated_h264.mov",
        "decord_video_90.mov",
        "decord_video_180.mov",
        "mmpose_demo.mp4",
    ],
)
def test_the_browser_shows_the_same_picture(name: str, page: Any) -> None:
    load(page, SAMPLES / name)
    with open_video(SAMPLES / name, ReadOptions()) as video:
        for frame in frames(video):
            if frame.frame_index not in (0, 2, 20):
                continue
            theirs = shown(page, frame.pts_seconds + 0.002)
            assert theirs.shape == frame.pixels.shape
            difference = np.abs(theirs.astype(int) - frame.pixels)
            assert difference.mean() < 3
            turned = np.abs(theirs[::-1, ::-1].astype(int) - frame.pixels)
            mirrored = np.abs(theirs[:, ::-1].astype(int) - frame.pixels)
            assert 1.5 * difference.mean() < min(turned.mean(), mirrored.mean())


def test_an_overlay_of_two_parts_plays_to_its_end(
    page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posebatch_workers.overlay.spool.idle_cores", lambda: 1)
    times = [n / 30 for n in range(120)]
    clip = write(tmp_path / "drawn.mp4", Pattern(times=times, width=640, height=962))
    out = tmp_path / "overlay.mp4"
    with Spool(tmp_path) as spool:
        with open_video(clip, ReadOptions(max_side=720)) as video:
            for batch in video.batches():
                with spool.keeping(batch):
                    pass
        footage = spool.footage(partial(open_video, clip), times)
        written(footage, standing(times, 640, 962), ANALYSIS, out, StageTimer())
    facts = load(page, out)
    assert (facts["width"], facts["height"]) == (478, 720)
    assert facts["duration"] == pytest.approx(4.0, abs=0.02)
    assert page.evaluate(PLAY) == pytest.approx(4.0, abs=0.04)
    before, event = shown(page, 0.45), shown(page, 0.52)
    corner = np.s_[660:712, :200]
    assert np.abs(before[corner].astype(int) - event[corner]).max() > 100  # "take-off" appears
