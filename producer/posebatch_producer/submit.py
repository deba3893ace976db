"""Put an archive's videos into the ledger as jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from posebatch_producer.archive import NO_VIDEOS
from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import TERMINAL, Device, Run, TrackOptions, VideoRef
from posebatch_shared.store import Store
from posebatch_shared.store.ports import UnitOfWork

#: Videos per transaction: short enough for SQLite's one writer, long enough to be fast.
BATCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitReport:
    """What a submission did."""

    run: Run
    added: int
    reused: int  #: of these, done before under the same options
    resumed: bool

    @property
    def counts(self) -> str:
        """For people; what is known by its content alone is found out later."""
        added = "1 video added" if self.added == 1 else f"{self.added} videos added"
        return f"{added}, {self.reused} done before with the same options" if self.reused else added


def submit_archive(
    store: Store,
    videos: Iterable[VideoRef],
    *,
    name: str,
    options: TrackOptions,
    device: Device = "any",
    priority: int = 0,
    max_attempts: int = 5,
    force: bool = False,
) -> SubmitReport:
    """Insert a job per video, in batches; an unfinished run of this name is carried on with.

    Videos that were completed before under the same options are entered as completed, pointing to
    their result, unless `force`. Errors: UsageError where there are no videos.
    """
    batches = _batched(videos, BATCH)
    first = next(batches, None)
    if first is None:
        raise UsageError(NO_VIDEOS)
    run, resumed = _open_run(store, name, options, force, first)
    added = 0
    for batch in chain([first], batches):
        with store.unit_of_work() as uow:
            added += uow.jobs.add_many(
                run, batch, device=device, priority=priority, max_attempts=max_attempts
            )
            uow.commit()
    return SubmitReport(
        run=run, added=added, reused=0 if force else _reuse(store, run), resumed=resumed
    )


def _reuse(store: Store, run: Run) -> int:
    with store.unit_of_work() as uow:
        reused = uow.jobs.reuse_completed(run)
        uow.commit()
    return reused


def _open_run(
    store: Store, name: str, options: TrackOptions, force: bool, first: Sequence[VideoRef]
) -> tuple[Run, bool]:
    """The unfinished run of the same command, else a new one. Folders of one name are told apart by
    what is in them."""
    with store.unit_of_work() as uow:
        for last in uow.runs.named(name):
            same = last.force == force and last.options == options and not last.cancelled
            if same and uow.jobs.holds_any(last, first) and is_unfinished(uow, last):
                return last, True
        run = uow.runs.add(name=name, options=options, force=force)
        uow.commit()
    return run, False


def is_unfinished(uow: UnitOfWork, run: Run) -> bool:
    """Whether some of its jobs need more work."""
    counts = uow.jobs.counts(run.run_id)
    return any(number for state, number in counts.items() if state not in TERMINAL)


def _batched(videos: Iterable[VideoRef], size: int) -> Iterator[list[VideoRef]]:
    iterator = iter(videos)
    while batch := list(islice(iterator, size)):
        yield batch
