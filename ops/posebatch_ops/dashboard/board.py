"""What every page of the dashboard is given: ledger, newest look, and who may act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from posebatch_ops.dashboard.rates import Rates
from posebatch_ops.dashboard.sessions import Sessions
from posebatch_ops.dashboard.watcher import Watcher
from posebatch_shared.jobs import Run
from posebatch_shared.settings import Settings
from posebatch_shared.snapshot import RunProgress, read_snapshot
from posebatch_shared.store import Store, open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Opened once per process."""

    store: Store
    watcher: Watcher
    rates: Rates
    sessions: Sessions
    artifacts_url: str
    address: str  #: the URL under which people outside this machine know the dashboard

    def progress_of(self, run: Run) -> RunProgress:
        """As of the newest look."""
        latest = self.watcher.latest
        known = latest.runs if latest else ()
        found = next((progress for progress in known if progress.run.run_id == run.run_id), None)
        if found is not None:
            return found
        counts = latest.counts_by_run.get(run.run_id, {}) if latest else {}
        return RunProgress(run=run, counts=counts, left=None)


@contextmanager
def open_board(settings: Settings) -> Iterator[Board]:
    """Everything that pages need; closed in reverse order. Errors: StoreUnavailable."""
    with ExitStack() as stack:
        store = open_store(settings.resolved_store_url)
        stack.callback(store.close)
        store.migrate()
        watcher = Watcher(partial(read_snapshot, store))
        yield Board(
            store=store,
            watcher=watcher,
            rates=Rates(store, watcher),
            sessions=Sessions(settings.dashboard_token),
            artifacts_url=settings.resolved_artifacts_url,
            address=settings.dashboard_url,
        )
