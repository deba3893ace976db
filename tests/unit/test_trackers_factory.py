"""Names lead to trackers; `auto` takes the first that really starts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from posebatch_shared.errors import DeviceUnavailable, ModelMissing, UnknownTracker, UsageError
from posebatch_shared.jobs import TRACKER_ALIASES, TRACKER_NAMES
from posebatch_shared.settings import Settings
from posebatch_workers import doctor
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


BROKEN = [ImportError("libGL.so.1: no such file"), OSError(24, "too many open files")]


@pytest.fixture(params=BROKEN)
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Exception:
    """The libraries of the tracker that comes first break; the second starts."""
    error: Exception = request.param

    def breaks(request: TrackerRequest) -> Any:
        raise error

    def starts(request: TrackerRequest) -> Any:
        info = SimpleNamespace(name="second", device="cpu", provider="", model="")
        return SimpleNamespace(info=info, close=lambda: None)

    trackers = {"first": breaks, "second": starts}
    monkeypatch.setattr(factory, "TRACKERS", trackers)
    monkeypatch.setattr(doctor, "TRACKERS", trackers)
    monkeypatch.setattr(auto, "ORDER", {"cpu": ("first", "second")})
    return error


def test_a_library_that_breaks_is_the_machines_fault_and_not_the_clips(broken: Exception) -> None:
    with pytest.raises(DeviceUnavailable, match="first does not start") as caught:
        create_tracker("first", quality="fast")
    assert str(broken) in str(caught.value)


@pytest.mark.usefixtures("broken")
def test_auto_takes_no_other_where_a_library_breaks() -> None:
    with pytest.raises(DeviceUnavailable, match="auto does not start"):
        create_tracker("auto", quality="fast")


def test_the_doctor_goes_on_where_a_library_breaks(
    broken: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "prove_reading", lambda *_: None)
    checks = {check["name"]: check for check in doctor.examine(Settings())["checks"]}
    assert checks["tracker second"]["ok"]
    assert str(broken) in checks["tracker first"]["detail"]
    assert checks["tracker first"]["advice"] == DeviceUnavailable.advice


def test_an_error_that_has_a_name_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = ModelMissing("net.onnx")

    def lacks(request: TrackerRequest) -> Any:
        raise missing

    monkeypatch.setattr(factory, "TRACKERS", {"first": lacks})
    with pytest.raises(ModelMissing) as caught:
        create_tracker("first", quality="fast")
    assert caught.value is missing
