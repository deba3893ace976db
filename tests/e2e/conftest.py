"""Drawn clips, made once, and a command with a home of its own per test."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Command
from posebatch_workers.athlete.clip import ClipSpec, draw_clip


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two drawn jumps, 25 and 40 cm, small and short so that tests stay quick."""
    folder = tmp_path_factory.mktemp("clips")
    for centimetres in (25, 40):
        spec = ClipSpec(height_m=centimetres / 100, width=480, height=854, fps=60)
        draw_clip(spec, folder / f"cmj_{centimetres}.mp4")
    return folder


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(home=tmp_path / "home")
