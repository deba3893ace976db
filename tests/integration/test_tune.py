"""What `posebatch bench tune` measures is kept, and only believed on the machine it was made on."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest

from latecomers import last_fails
from posebatch_shared.errors import ModelMissing
from posebatch_shared.settings import load_settings
from posebatch_shared.tuning import Tuning, keep_tuning, tuning, usable_cpus
from posebatch_workers.athlete.clip import ClipSpec, draw_clip
from posebatch_workers.bench.tune import beside_others, candidates, run, together
from posebatch_workers.capacity import concurrency


def test_every_way_to_fill_the_cores_is_tried() -> None:
    pairs = [(t.processes, t.threads) for t in candidates(4)]
    assert pairs == [(1, 4), (2, 2), (4, 1), (5, 1)]


def test_trials_on_a_clip_come_fastest_first(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    draw_clip(ClipSpec(width=240, height=426, fps=24, quiet_seconds=0.3), clip)
    report = run([clip], tracker="blazepose", cores=1, least_side_px=426, model_dir=None, rounds=1)
    rates = [trial.frames_per_second for trial in report.trials]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] > 0
    assert {trial.tuning for trial in report.trials} == set(candidates(1))
    assert report.best == report.trials[0].tuning


def misses_its_model(all_ready: Barrier) -> tuple[int, float, float]:
    raise ModelMissing("no such file")


def test_who_cannot_start_lets_nobody_wait() -> None:
    all_ready = Barrier(2)
    with pytest.raises(ModelMissing):
        beside_others(misses_its_model, all_ready)
    assert all_ready.broken


def test_the_reason_is_what_one_says_who_cannot_start(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no such file"):
        together(partial(last_fails, tmp_path), 3)


def test_workers_use_what_was_kept_for_this_machine(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    assert concurrency(settings) == usable_cpus()
    path = keep_tuning(tmp_path, Tuning(processes=7, threads=3))
    assert tuning(tmp_path) == Tuning(processes=7, threads=3)
    assert concurrency(settings) == 7
    assert concurrency(load_settings(home=tmp_path, concurrency=2)) == 2
    path.write_text(json.dumps({**json.loads(path.read_text()), "machine": ["another"]}))
    assert concurrency(settings) == usable_cpus()
    path.write_text("not JSON")
    assert concurrency(settings) == usable_cpus()
