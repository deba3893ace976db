"""What is known of a video answers for it, unless its poses, or a film of it, are missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import trajectories
from ledgers import add_run, complete, job_of, jobs_of, must_claim, result
from posebatch_shared.errors import NotInstalled
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.results import Artifacts
from posebatch_shared.store import Store
from posebatch_workers.fingerprint import CacheKey, cache_key, describe_pipeline
from posebatch_workers.keypoints import write_keypoints
from posebatch_workers.known_results import KnownResults
from posebatch_workers.reanalysis import Reanalysis, Reanalyst
from recordings import lose_a_sector


@pytest.mark.parametrize("overlay", [None, "file:///b.mp4"])
def test_a_known_result_answers_unless_its_film_is_missing(
    store: Store, tmp_path: Path, overlay: str | None
) -> None:
    (job,) = jobs_of(store, add_run(store))
    artifacts = Artifacts(keypoints="file:///a.parquet", overlay=overlay)
    complete(store, must_claim(store, job.job_id), result(artifacts=artifacts))
    known = KnownResults(store=store, artifacts_url=str(tmp_path))
    key = CacheKey(content_hash="c0", pipeline_hash="p0", poses_hash="none")
    assert known.find(key, TrackOptions()) is not None
    assert known.find(replace(key, pipeline_hash="other"), TrackOptions()) is None
    filmed = known.find(key, TrackOptions(overlay=True))
    assert (filmed is not None) == (overlay is not None)


def _lost(*_: object) -> None:
    pass


def _unreadable(path: Path, _: pytest.MonkeyPatch) -> None:
    path.mkdir()


def _damaged(path: Path, _: pytest.MonkeyPatch) -> None:
    write_keypoints(trajectories.sequence(trajectories.cmj(0.3), fps=60), path, {})
    lose_a_sector(path)


def _without_library(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_it(_: str) -> None:
        raise NotInstalled("s3fs")

    monkeypatch.setattr("posebatch_shared.artifacts._open", open_it)


@pytest.mark.parametrize("spoil", [_lost, _unreadable, _damaged, _without_library])
def test_poses_that_are_lost_are_tracked_again(
    store: Store, tmp_path: Path, spoil: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = jobs_of(store, add_run(store))
    spoil(tmp_path / "k.parquet", monkeypatch)
    lost = result(
        analysis={"kind": "cmj", "jumps": [], "poses": "same"},
        artifacts=Artifacts(keypoints=(tmp_path / "k.parquet").as_uri()),
    )
    complete(store, must_claim(store, job.job_id), lost)
    known = KnownResults(store=store, artifacts_url=str(tmp_path))
    key = CacheKey(content_hash="c0", pipeline_hash="other", poses_hash="same")
    assert known.find(key, TrackOptions()) is None


@pytest.mark.parametrize("film", [None, "file:///film.mp4"])
def test_whoever_asks_for_a_film_after_a_reanalysis_gets_one_of_the_new_numbers(
    store: Store, tmp_path: Path, film: str | None
) -> None:
    path = tmp_path / "k.parquet"
    write_keypoints(trajectories.sequence(trajectories.cmj(0.3), fps=60, noise_px=1), path, {})
    run = add_run(store)
    (job,) = jobs_of(store, run)
    tracker = result().tracker
    key = cache_key("c1", run.options, tracker, least_side_px=0)
    older = describe_pipeline(run.options, tracker, analysis_version="0", least_side_px=0)
    analysis = {"version": "0", "kind": "none", "jumps": [], "poses": key.poses_hash}
    files = Artifacts(keypoints=path.as_uri(), overlay=film)
    outcome = result("c1", older.digest(), analysis=analysis, artifacts=files)
    complete(store, must_claim(store, job.job_id), outcome)

    reanalyst = Reanalyst(store=store, artifacts_url=str(tmp_path), least_side_px=0)
    assert reanalyst.run(run) == Reanalysis(reanalysed=1)

    known = KnownResults(store=store, artifacts_url=str(tmp_path))
    assert known.find(key, TrackOptions(overlay=True)) is None, "it is tracked, and drawn"
    numbers = known.find(key, TrackOptions())
    with store.unit_of_work() as uow:
        reanalysed = uow.results.get(job_of(store, job.job_id).result_id or 0)
    assert numbers
    assert reanalysed
    assert numbers.analysis == reanalysed.analysis
    assert (numbers.artifacts.overlay, reanalysed.artifacts.overlay) == (None, film)


def test_a_reanalysis_takes_what_was_tracked_again_since_for_lost_poses(
    store: Store, tmp_path: Path
) -> None:
    run = add_run(store)
    (old,) = jobs_of(store, run)
    tracker = result().tracker
    older = describe_pipeline(run.options, tracker, analysis_version="0", least_side_px=0)
    lost = Artifacts(keypoints=(tmp_path / "lost.parquet").as_uri())
    before = result("c1", older.digest(), analysis={"version": "0"}, artifacts=lost)
    complete(store, must_claim(store, old.job_id), before)
    (new,) = jobs_of(store, add_run(store))
    key = cache_key("c1", run.options, tracker, least_side_px=0)
    tracked = complete(store, must_claim(store, new.job_id), result("c1", key.pipeline_hash))

    reanalyst = Reanalyst(store=store, artifacts_url=str(tmp_path), least_side_px=0)

    assert reanalyst.run(run) == Reanalysis(reanalysed=1)
    assert job_of(store, old.job_id).result_id == tracked
