"""Workers and events: who is there, and what happened, the same in both databases."""

from __future__ import annotations

from typing import Any

from posebatch_shared.store import Store


def report(store: Store, name: str = "cpu@here", **changes: Any) -> None:
    fields: dict[str, Any] = {
        "device": "cpu",
        "host": "here",
        "pid": 10,
        "tracker": {},
        "stats": {},
    }
    with store.unit_of_work() as uow:
        uow.workers.report(name=name, **{**fields, **changes})
        uow.commit()


def test_a_worker_is_one_row_that_is_refreshed(store: Store) -> None:
    report(store)
    with store.unit_of_work() as uow:
        (first,) = uow.workers.list()
    report(store, tracker={"name": "mediapipe"}, stats={"memory_bytes": 5})
    with store.unit_of_work() as uow:
        (again,) = uow.workers.list(seen_within_seconds=60)
        assert list(uow.workers.list(seen_within_seconds=-60)) == []
    assert again.started_at == first.started_at
    assert again.seen_at >= first.seen_at
    assert (again.tracker, again.stats) == ({"name": "mediapipe"}, {"memory_bytes": 5})


def test_a_worker_can_be_forgotten(store: Store) -> None:
    report(store, "a")
    report(store, "b")
    with store.unit_of_work() as uow:
        uow.workers.forget("a")
        uow.commit()
        assert [worker.name for worker in uow.workers.list()] == ["b"]


def test_events_are_listed_newest_first_by_job_and_run(store: Store) -> None:
    with store.unit_of_work() as uow:
        uow.events.add("paused", actor="coach", run_id=1, detail={"why": "noise"})
        uow.events.add("failed", actor="cpu@here", run_id=1, job_id=2)
        uow.events.add("failed", actor="cpu@here", run_id=3, job_id=4)
        uow.commit()
    with store.unit_of_work() as uow:
        assert [event.job_id for event in uow.events.list()] == [4, 2, None]
        assert [event.job_id for event in uow.events.list(run_id=1, limit=1)] == [2]
        (event,) = uow.events.list(job_id=2)
        assert uow.events.list(run_id=1)[1].detail == {"why": "noise"}
    assert (event.kind, event.actor) == ("failed", "cpu@here")


def test_purge_removes_old_events_only(store: Store) -> None:
    with store.unit_of_work() as uow:
        uow.events.add("paused", actor="coach")
        assert uow.events.purge(older_than_days=1) == 0
        assert uow.events.purge(older_than_days=-1) == 1
        uow.commit()
        assert list(uow.events.list()) == []
