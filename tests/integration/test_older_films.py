"""A film shows the numbers that it was made with: newer ones do not come with it."""

from __future__ import annotations

from pathlib import Path

import pytest

import trajectories
from ledgers import add_run, complete, job_of, jobs_of, must_claim, result
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.results import Artifacts
from posebatch_shared.store import Store
from posebatch_workers.fingerprint import cache_key, describe_pipeline
from posebatch_workers.keypoints import write_keypoints
from posebatch_workers.known_results import KnownResults
from posebatch_workers.reanalysis import Reanalysis, Reanalyst


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
