"""A submission carries on with its own unfinished run, and with no other."""

from __future__ import annotations

import pytest

from ledgers import complete, jobs_of, must_claim
from posebatch_producer.submit import submit_archive
from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import TrackOptions, VideoRef
from posebatch_shared.store import Store


def clips(folder: str, count: int = 2) -> list[VideoRef]:
    return [
        VideoRef(root="r", path=f"{folder}/session/{n}.mp4", size_bytes=9, mtime_ns=n)
        for n in range(count)
    ]


def submit(store: Store, videos: list[VideoRef], *, force: bool = False) -> tuple[int, bool]:
    report = submit_archive(store, videos, name="session", options=TrackOptions(), force=force)
    return report.run.run_id, report.resumed


def test_the_same_folder_carries_on_even_if_clips_have_come_and_gone(store: Store) -> None:
    first, _ = submit(store, clips("anna"))
    assert submit(store, [*clips("anna", 3)[1:]]) == (first, True)


def test_folders_of_one_name_are_not_mixed(store: Store) -> None:
    anna, _ = submit(store, clips("anna"))
    bert, resumed = submit(store, clips("bert"))
    assert bert != anna
    assert not resumed


def test_each_of_them_carries_on_with_its_own(store: Store) -> None:
    anna, _ = submit(store, clips("anna"))
    bert, _ = submit(store, clips("bert"))
    assert submit(store, clips("anna")) == (anna, True)
    assert submit(store, clips("bert")) == (bert, True)


def test_a_forced_run_carries_on_with_a_forced_one_only(store: Store) -> None:
    plain, _ = submit(store, clips("anna"))
    forced, _ = submit(store, clips("anna"), force=True)
    assert forced != plain
    assert submit(store, clips("anna"), force=True) == (forced, True)


def test_a_run_that_has_ended_is_not_carried_on_with(store: Store) -> None:
    run_id, _ = submit(store, clips("anna", 1))
    with store.unit_of_work() as uow:
        run = uow.runs.get(run_id)
    assert run
    complete(store, must_claim(store, jobs_of(store, run)[0].job_id))
    assert submit(store, clips("anna", 1))[1] is False


@pytest.mark.parametrize(("force", "reused"), [(False, 1), (True, 0)])
def test_what_was_done_before_is_told_apart_unless_forced(
    store: Store, force: bool, reused: int
) -> None:
    submit(store, clips("anna", 1))
    complete(store, must_claim(store, 1))
    report = submit_archive(
        store, clips("anna", 3), name="again", options=TrackOptions(), force=force
    )
    assert (report.added, report.reused) == (3, reused)
    assert report.counts == f"3 videos added{', 1 done before with the same options' * reused}"


def test_what_may_still_prove_known_is_not_told_as_unknown(store: Store) -> None:
    submit(store, clips("anna", 1))
    complete(store, must_claim(store, 1))
    other = TrackOptions(kind="drop-jump")
    report = submit_archive(store, clips("anna", 1), name="again", options=other)
    assert report.counts == "1 video added"


def test_nothing_to_do_leaves_no_run_behind(store: Store) -> None:
    with pytest.raises(UsageError, match="no videos there"):
        submit(store, [])
    with store.unit_of_work() as uow:
        assert uow.runs.latest() is None
