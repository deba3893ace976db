"""The one tracker of a process, and what is at fault if there is none."""

from __future__ import annotations

from typing import Any

import pytest

from posebatch_shared.errors import DeviceUnavailable, ModelMissing, PosebatchError
from posebatch_shared.jobs import Preset, TrackOptions
from posebatch_workers.tracker_slot import TrackerSlot


def test_why_nothing_is_loaded_is_kept_until_something_is() -> None:
    errors: list[Exception] = [ModelMissing("net.onnx"), DeviceUnavailable("cuda")]

    def create(name: str, quality: Preset) -> Any:
        if errors:
            raise errors.pop(0)
        return Loaded()

    slot = TrackerSlot(create, default_name="blazepose")
    assert slot.error_code == ""
    for code in (ModelMissing.code, DeviceUnavailable.code):
        with pytest.raises(PosebatchError):
            slot.get(TrackOptions())
        assert slot.error_code == code
    slot.get(TrackOptions())
    assert slot.error_code == ""


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
