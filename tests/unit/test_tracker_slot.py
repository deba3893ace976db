"""The one tracker of a process, and what is at fault if there is none."""

from __future__ import annotations

from typing import Any

from posebatch_shared.jobs import Preset, TrackOptions
from posebatch_workers.tracker_slot import TrackerSlot


class Loaded:
    """As much of a tracker as a slot touches."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_one_tracker_is_kept_until_another_is_asked_for() -> None:
    made: dict[tuple[str, str], Loaded] = {}

    def create(name: str, quality: Preset) -> Any:
        return made.setdefault((name, quality), Loaded())

    slot = TrackerSlot(create, default_name="blazepose")
    first = slot.get(TrackOptions())
    assert slot.get(TrackOptions(tracker="blazepose")) is first
    assert slot.get(TrackOptions(quality="fast")) is not first
    assert [loaded.closed for loaded in made.values()] == [True, False]
