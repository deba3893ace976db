"""What becomes of a run whose command ends before it, whatever ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from posebatch_producer import work_off
from posebatch_producer.service import LocalWorkers
from posebatch_producer.submit import submit_archive
from posebatch_shared.errors import NoWorkers
from posebatch_shared.jobs import JobState, Run, TrackOptions, VideoRef
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.store import Store

CLIPS = [VideoRef(root="r", path=f"{n}.mp4", size_bytes=9, mtime_ns=n) for n in range(3)]
OTHER_CLIPS = [VideoRef(root="r", path="other.mp4", size_bytes=9, mtime_ns=9)]


@pytest.fixture
def settings(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("POSEBATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSEBATCH_STORE_URL", store_url)
    return load_settings()


def ends(
    settings: Settings,
    error: BaseException,
    monkeypatch: pytest.MonkeyPatch,
    *,
    carries_on: bool = True,
) -> None:
    """A command that is ended while its jobs are followed."""

    def follow(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(work_off, "follow", follow)
    run(settings, iter(CLIPS), type(error), carries_on=carries_on)


def run(
    settings: Settings,
    videos: Iterator[VideoRef],
    ends_by: type[BaseException],
    *,
    carries_on: bool = True,
) -> None:
    with pytest.raises(ends_by):
        work_off.work_off(
            settings,
            videos,
            TrackOptions(),
            name="night",
            force=False,
            carries_on=carries_on,
            workers=LocalWorkers(processes=(), log=Path(os.devnull)),
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


def test_one_whose_clips_go_with_it_is_cancelled(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = submit_archive(store, OTHER_CLIPS, name="night", options=TrackOptions()).run
    with store.unit_of_work() as uow:
        uow.runs.pause(other.run_id)
        uow.commit()
    ends(settings, KeyboardInterrupt(), monkeypatch, carries_on=False)
    with store.unit_of_work() as uow:
        ours, others = uow.runs.named("night")
        assert set(uow.jobs.counts(ours.run_id)) == {JobState.CANCELLED}
    assert (ours.cancelled, others.cancelled) == (True, False)


#: Ctrl-C while jobs are followed, and again while a library closes its connection to the ledger.
TWICE = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from sqlalchemy.engine.default import DefaultDialect
from posebatch_producer import local_run, work_off
from posebatch_producer.service import LocalWorkers
from posebatch_shared.jobs import TrackOptions
from posebatch_shared.settings import load_settings

def press(*_, **__):
    os.kill(os.getpid(), signal.SIGINT)

@contextmanager
def no_workers(*_):
    yield LocalWorkers(processes=(), log=Path(os.devnull))

signal.signal(signal.SIGINT, signal.default_int_handler)
local_run._workers, work_off.follow, DefaultDialect.do_close = no_workers, press, press
arguments = dict(name="night", force=False, settings=load_settings())
local_run.run_here([sys.argv[1]], TrackOptions(), **arguments)
"""


def test_pressing_twice_shows_no_words_of_libraries(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"not yet looked into")
    done = subprocess.run(
        [sys.executable, "-c", TWICE, str(tmp_path / "clip.mp4")],
        capture_output=True,
        text=True,
        check=False,
    )
    *_, last = said = done.stderr.splitlines()
    assert last == "stopped; run the same command again to carry on"
    assert len(said) == 2, "after how many videos there are"
    assert done.returncode == 130
