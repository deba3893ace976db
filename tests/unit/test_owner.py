"""Owners: whether the process behind a lease lives, as far as this machine can tell."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from posebatch_workers.owner import Owner, _birth
from servers import wait_until


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def owner_of(process: subprocess.Popen[bytes]) -> Owner:
    return replace(Owner.current("cpu"), pid=process.pid, birth=_birth(process.pid))


def test_an_owner_is_written_and_read_back() -> None:
    owner = Owner.current("gpu")
    assert Owner.parse(str(owner)) == owner
    assert owner.life() == "running"


@pytest.mark.parametrize("text", ["", "x", "cpu@host", "cpu@host:pid:birth", "tpu@host:1:2"])
def test_other_texts_are_no_owners(text: str) -> None:
    assert Owner.parse(text) is None


def test_a_twin_of_the_machine_is_not_this_one() -> None:
    """Cloned machines share host names, and all their first namespaces one number."""
    here = Owner.current("cpu")
    elsewhere = here.birth[:-1] + ("0" if here.birth[-1] != "0" else "1")
    assert replace(here, pid=2**22 - 1, birth=elsewhere).life() == "unknown"


def test_another_host_or_container_cannot_be_told() -> None:
    mine = Owner.current("cpu")
    assert replace(mine, host="elsewhere").life() == "unknown"
    assert replace(mine, birth=mine.birth.partition("-")[0] + "-1").life() == "unknown"


def test_a_later_process_of_the_same_pid_is_another(sleeper: subprocess.Popen[bytes]) -> None:
    owner = owner_of(sleeper)
    assert owner.life() == "running"
    assert replace(owner, birth="1-" + owner.birth.partition("-")[2]).life() == "dead"


def test_stopped_and_killed_processes_are_told_apart(sleeper: subprocess.Popen[bytes]) -> None:
    owner = owner_of(sleeper)
    sleeper.send_signal(signal.SIGSTOP)
    wait_until(lambda: owner.life() == "stopped")
    sleeper.kill()
    wait_until(lambda: owner.life() == "dead")  # a zombie until it is waited for
    sleeper.wait()
    assert owner.life() == "dead"
