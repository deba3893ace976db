"""The keeper brings back what was lost, with ledger and broker up or down."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from ledgers import add_run, complete, jobs_of, must_claim
from posebatch_shared.errors import BrokerUnavailable
from posebatch_shared.messages import TrackVideo
from posebatch_shared.store import Store
from posebatch_workers.keeper import Keeper
from queues import Queues
from servers import wait_until


def test_the_window_bounds_what_is_in_the_broker(
    store: Store, keeper: Keeper, queues: Queues
) -> None:
    ids = [job.job_id for job in jobs_of(store, add_run(store, 8))]
    assert keeper.tick().rung == 3
    assert keeper.tick().rung == 0
    taken = queues.messages.pop(0).job_id
    complete(store, must_claim(store, taken))
    assert keeper.tick().rung == 1
    assert set(queues.job_ids()) == {*ids[:4]} - {taken}


def test_a_message_that_is_being_taken_costs_at_most_a_double(
    store: Store, keeper: Keeper, queues: Queues
) -> None:
    add_run(store, 3)
    keeper.tick()
    queues.messages.pop(0)
    assert keeper.tick().rung == 1
    assert keeper.tick().rung == 0


def test_a_flushed_broker_is_filled_again(store: Store, keeper: Keeper, queues: Queues) -> None:
    ids = [job.job_id for job in jobs_of(store, add_run(store, 3))]
    keeper.tick()
    queues.messages.clear()
    assert keeper.tick().rung == 3
    assert sorted(queues.job_ids()) == ids


def test_a_broker_that_is_down_is_waited_for(store: Store, keeper: Keeper, queues: Queues) -> None:
    add_run(store, 2)
    queues.up = False
    report = keeper.tick()
    assert (report.rung, report.broker_up) == (0, False)
    queues.up = True
    assert keeper.tick().rung == 2


def test_a_wake_up_lost_between_ledger_and_broker_is_sent_again(
    store: Store, keeper: Keeper, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(store, 2)
    with monkeypatch.context() as patch:

        def lose(_: Sequence[TrackVideo]) -> int:
            raise BrokerUnavailable("lost")

        patch.setattr(queues, "ring", lose)
        assert not keeper.tick().broker_up
    assert keeper.tick().rung == 2


def test_old_events_go_now_and_then(
    store: Store, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posebatch_workers.keeper._KEPT_DAYS", -1)
    keeper = Keeper(store, queues)
    add_run(store)
    assert keeper.tick().purged == 1
    add_run(store)
    assert keeper.tick().purged == 0, "not at every tick"


def test_it_runs_until_it_is_told_to_stop(store: Store, queues: Queues) -> None:
    add_run(store, 2)
    stop = threading.Event()
    keeper = Keeper(store, queues, sweep_seconds=0.01)
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    wait_until(lambda: len(queues.messages) == 2)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    must_claim(store, queues.job_ids()[0])


def test_a_tick_that_breaks_is_not_the_last(
    store: Store, keeper: Keeper, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    tick = keeper.tick

    def breaks_first() -> object:
        calls.append(1)
        if len(calls) == 1:
            raise OSError(12, "Cannot allocate memory")
        return tick()

    monkeypatch.setattr(keeper, "tick", breaks_first)
    add_run(store)
    stop = threading.Event()
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    for _ in range(100):
        if queues.messages:
            break
        stop.wait(0.1)
    stop.set()
    thread.join()
    assert queues.messages, "the second tick rang"
