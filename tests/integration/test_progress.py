"""What a person sees of a run while it goes on."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ledgers import add_run, fail, jobs_of, must_claim
from posebatch_producer.progress import follow
from posebatch_shared.errors import DiskFull
from posebatch_shared.store import Store


class _SeenEnough(Exception):
    pass


@pytest.mark.parametrize("terminal", [False, True])
def test_what_a_job_waits_for_is_said_once(terminal: bool, store: Store) -> None:
    run, screen, looks = add_run(store, 2), io.StringIO(), 0
    fail(store, must_claim(store, jobs_of(store, run)[0].job_id), DiskFull("no room"))

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise _SeenEnough

    with pytest.raises(_SeenEnough):
        console = Console(file=screen, force_terminal=terminal, width=120)
        follow(store, run, check=check, console=console)

    assert screen.getvalue().count(f"disk_full: {DiskFull.advice}") == 1
    assert "1 to be tried again" in screen.getvalue()
