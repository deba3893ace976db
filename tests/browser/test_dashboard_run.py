"""A real run of drawn clips, seen in the dashboard while it goes on and after it has ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from command import Command
from dashboards import serving
from posebatch_workers.athlete.clip import ClipSpec, draw_clip

pytestmark = pytest.mark.browser

RUN_SECONDS = 120


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn jumps and a file that is no video."""
    folder = tmp_path_factory.mktemp("clips")
    for centimetres in (25, 40):
        spec = ClipSpec(height_m=centimetres / 100, width=480, height=854, fps=60)
        draw_clip(spec, folder / f"cmj_{centimetres}.mp4")
    (folder / "notes.mp4").write_text("not a video")
    return folder


def figure(page: Page, title: str) -> Any:
    return page.locator(".tile", has_text=title).locator(".figure")


def test_a_run_is_watched_to_its_end(page: Page, clips: Path, tmp_path: Path) -> None:
    command = Command(home=tmp_path)
    with serving(tmp_path) as url:
        page.goto(url)
        expect(figure(page, "Completed")).to_have_text("0")
        running = command.start("run", clips, "--overlay", "--json")
        clip = page.get_by_role("region", name="Clips in progress").get_by_role("row").nth(1)
        expect(clip).to_contain_text("%", timeout=RUN_SECONDS * 1000)
        expect(figure(page, "Completed")).to_have_text("2", timeout=RUN_SECONDS * 1000)
        expect(figure(page, "Dead letters")).to_have_text("1")
        running.communicate(timeout=RUN_SECONDS)
        document = command.json("results", "--format", "json")
        page.goto(f"{url}/runs/{document['run']['run_id']}")
        expect(figure(page, "Ended")).to_have_text("3 of 3")
        job = next(each for each in document["jobs"] if each["video"].endswith("cmj_40.mp4"))
        page.get_by_role("link", name="cmj_40.mp4").click()
        height_cm = 100 * job["analysis"]["jumps"][0]["jump_height_m"]
        expect(page.get_by_role("region", name="Jump metrics")).to_contain_text(f"{height_cm:.1f}")
        landmarks = page.get_by_role("region", name="Visibility by landmark")
        expect(landmarks).to_contain_text("left hip")
        page.evaluate("document.querySelector('video').play()")
        page.wait_for_function("document.querySelector('video').currentTime > 0.3")
