"""Names lead to trackers; `auto` takes the first that really starts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from posebatch_shared.errors import DeviceUnavailable, ModelMissing, UnknownTracker, UsageError
from posebatch_shared.jobs import TRACKER_ALIASES, TRACKER_NAMES
from posebatch_workers.trackers import auto, factory
from posebatch_workers.trackers.base import TrackerRequest
from posebatch_workers.trackers.factory import TRACKERS, create_tracker


def test_every_alias_and_every_choice_of_auto_is_a_tracker() -> None:
    assert set(TRACKER_ALIASES.values()) <= set(TRACKERS)
    assert {name for names in auto.ORDER.values() for name in names} <= set(TRACKERS)
    assert not set(TRACKER_ALIASES) & set(TRACKERS)
    assert set(TRACKER_NAMES) == {"auto", *TRACKERS}


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownTracker, match="mediapipe"):
        create_tracker("openpose", quality="fast")


def test_auto_takes_the_first_that_starts_and_downloads_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[TrackerRequest] = []

    def starts(request: TrackerRequest) -> Any:
        asked.append(request)
        return SimpleNamespace(info=SimpleNamespace(name="second"))

    def fails(request: TrackerRequest) -> Any:
        raise ModelMissing("no weights")

    monkeypatch.setattr(factory, "TRACKERS", {"first": fails, "second": starts})
    monkeypatch.setattr(auto, "ORDER", {"cpu": ("first", "second"), "cuda": ("first",)})
    assert create_tracker("auto", quality="fast").info.name == "second"
    assert asked == [TrackerRequest(quality="fast", fetch=False)]
    with pytest.raises(DeviceUnavailable, match="first: no weights"):
        create_tracker("auto", quality="fast", device="cuda")
    with pytest.raises(UsageError, match="abacus"):
        create_tracker("auto", quality="fast", device="abacus")
