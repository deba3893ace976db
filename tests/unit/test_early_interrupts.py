"""Ctrl-C while a command still imports ends it as at any other time, without a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import ModuleType

import pytest

from posebatch_producer import cli, processes
from posebatch_producer.cli import EXIT_INTERRUPTED


class Interrupted(ModuleType):
    """A module in whose import somebody presses Ctrl-C."""

    def __getattr__(self, name: str) -> object:
        raise KeyboardInterrupt


def test_the_command_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "posebatch_producer.commands"
    monkeypatch.setitem(sys.modules, module, Interrupted(module))
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == EXIT_INTERRUPTED


def test_it_waits_while_another_program_of_ours_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocked: set[int] = set()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    monkeypatch.setattr(
        os, "execv", lambda *_: blocked.update(signal.pthread_sigmask(signal.SIG_BLOCK, []))
    )
    try:
        processes.become(processes.WORKERS, ["samples"])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert signal.SIGINT in blocked


def _with_ctrl_c_waiting() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("program", ["posebatch_workers", "posebatch_ops"])
def test_it_is_heard_by_then(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", program, "--help"],
        capture_output=True,
        text=True,
        preexec_fn=_with_ctrl_c_waiting,
    )
    assert (done.returncode, done.stdout, done.stderr) == (EXIT_INTERRUPTED, "", "")
