"""Any field that can change a number changes the pipeline hash; the overlay does not."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posebatch_shared.jobs import TrackOptions
from posebatch_shared.results import TrackerInfo
from posebatch_workers.fingerprint import Pipeline, cache_key, describe_poses

BASE = Pipeline(
    options_digest="d",
    tracker="mediapipe",
    model_sha256="m",
    provider="cpu",
    tracker_versions=(("mediapipe", "1.2"),),
    analysis_version="1",
    least_side_px=640,
)
NUMBERS = [field.name for field in fields(TrackOptions) if field.name != "overlay"]


def other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "x"
        case None:
            return 1.5
        case tuple():
            return (*value, ("more", "1"))
    raise AssertionError(value)


@pytest.mark.parametrize("name", [field.name for field in fields(Pipeline)])
def test_every_field_of_the_pipeline_counts(name: str) -> None:
    assert replace(BASE, **{name: other(getattr(BASE, name))}).digest() != BASE.digest()


@pytest.mark.parametrize("name", NUMBERS)
def test_every_option_but_the_overlay_counts(name: str) -> None:
    base = TrackOptions()
    assert replace(base, **{name: other(getattr(base, name))}).digest() != base.digest()
    assert replace(base, overlay=True).digest() == base.digest()


@pytest.mark.parametrize("name", NUMBERS)
def test_poses_depend_on_all_but_what_only_the_analysis_is_told(name: str) -> None:
    base = TrackOptions()
    changed = replace(base, **{name: other(getattr(base, name))})
    tracker = TrackerInfo(name="t", model="m", model_sha256="s", device="cpu", provider="p")
    one, two = (describe_poses(each, tracker, least_side_px=640) for each in (base, changed))
    told_to_the_analysis = name in ("kind", "slow_motion", "athlete_height_m")
    assert (one == two) == told_to_the_analysis


def test_another_analysis_asks_for_other_numbers_of_the_same_poses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So an archive that is submitted again after an update is analysed again, not tracked."""
    options = TrackOptions()
    tracker = TrackerInfo(name="t", model="m", model_sha256="s", device="cpu", provider="p")
    before, release = cache_key("c", options, tracker, least_side_px=0), options.digest_of_release()
    monkeypatch.setattr("posebatch_workers.fingerprint.ANALYSIS_VERSION", "next")
    monkeypatch.setattr("posebatch_shared.jobs.ANALYSIS_VERSION", "next")
    after = cache_key("c", options, tracker, least_side_px=0)
    assert options.digest_of_release() != release, "files alone do not answer"
    assert after.pipeline_hash != before.pipeline_hash
    assert after.poses_hash == before.poses_hash


@given(st.lists(st.tuples(st.sampled_from(NUMBERS), st.integers(1, 5)), max_size=6))
def test_equal_options_hash_equally_and_different_ones_do_not(changes: list[Any]) -> None:
    one = TrackOptions()
    for name, times in changes:
        for _ in range(times):
            one = replace(one, **{name: other(getattr(one, name))})
    again = TrackOptions(**one.to_json())
    assert again.digest() == one.digest()
    assert (one.digest() == TrackOptions().digest()) == (one == TrackOptions())
