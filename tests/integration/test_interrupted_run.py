"""What becomes of a run whose command ends before it, whatever ends it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from posebatch_producer import work_off
from posebatch_producer.service import LocalWorkers
from posebatch_producer.submit import submit_archive
from posebatch_shared.errors import NoWorkers
from posebatch_shared.jobs import Run, TrackOptions, VideoRef
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.store import Store

CLIPS = [VideoRef(root="r", path=f"{n}.mp4", size_bytes=9, mtime_ns=n) for n in range(3)]


@pytest.fixture
def settings(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    return load_settings()


def ends(settings: Settings, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that is ended while its jobs are followed."""

    def follow(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(work_off, "follow", follow)
    run(settings, iter(CLIPS), type(error))


def run(settings: Settings, videos: Iterator[VideoRef], ends_by: type[BaseException]) -> None:
    workers = LocalWorkers(processes=(), log=Path(os.devnull))
    with pytest.raises(ends_by):
        work_off.work_off(
            settings, videos, TrackOptions(), name="night", force=False, workers=workers
        )


def only_run(store: Store) -> Run:
    with store.unit_of_work() as uow:
        (run,) = uow.runs.named("night")
    return run


@pytest.mark.parametrize("error", [KeyboardInterrupt(), NoWorkers("none left")])
def test_it_waits_for_its_own_command(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    ends(settings, error, monkeypatch)
    assert only_run(store).paused


def test_its_own_command_goes_on_with_it(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(settings, KeyboardInterrupt(), monkeypatch)

    def follow(*_: object, **__: object) -> None:
        assert not only_run(store).paused
        raise NoWorkers("seen enough")

    monkeypatch.setattr(work_off, "follow", follow)
    run(settings, iter(CLIPS), NoWorkers)


def test_it_does_so_too_if_it_was_still_being_submitted(settings: Settings, store: Store) -> None:
    def videos() -> Iterator[VideoRef]:
        for n in range(3_000):
            yield VideoRef(root="r", path=f"{n}.mp4", size_bytes=9, mtime_ns=n)
        raise KeyboardInterrupt

    run(settings, videos(), KeyboardInterrupt)
    assert only_run(store).paused


def test_a_run_that_others_were_at_goes_on(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_archive(store, CLIPS, name="night", options=TrackOptions())
    ends(settings, KeyboardInterrupt(), monkeypatch)
    assert not only_run(store).paused
