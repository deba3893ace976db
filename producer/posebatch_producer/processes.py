"""Other programs of ours as processes: workers, samples, doctor, dashboard, Flower."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from posebatch_shared.errors import NotInstalled
from posebatch_shared.errors.printed import heard

WORKERS = "posebatch_workers"
OPS = "posebatch_ops"

#: a part, or one command of a part → a module that only its extra brings
_EXTRAS = {WORKERS: "cv2", "dashboard": "nicegui", "flower": "flower"}


def start(
    module: str, arguments: Sequence[str], *, environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start `python -m module` in a session of its own, its output appended to `log`."""
    _demand(module, arguments)
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


def stop(process: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Ask it to end, wait, and end its whole session by force if it has not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def become(module: str, arguments: Sequence[str]) -> None:
    """Replace this process by `python -m module`: same terminal, same signals, same exit code.

    Ctrl-C is heard once its `main` says so: in the imports before it would print a traceback.
    """
    _demand(module, arguments)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606


def run_to_end(module: str, arguments: Sequence[str]) -> None:
    """Run `python -m module` and wait. Errors: PosebatchError with what it said."""
    _run(module, arguments)


def ask(module: str, arguments: Sequence[str]) -> Any:
    """Run `python -m module` and read its JSON answer. Errors: PosebatchError, what it said."""
    return json.loads(_run(module, arguments))


def _run(module: str, arguments: Sequence[str]) -> str:
    _demand(module, arguments)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        error = heard(done.stderr)
        error.add_note(done.stderr)  # its own traceback, for --debug
        raise error
    return done.stdout


def _demand(module: str, arguments: Sequence[str]) -> None:
    """Errors: NotInstalled, where a module that is not there would end in a traceback."""
    for part in (module, arguments[0]):
        if part in _EXTRAS and find_spec(_EXTRAS[part]) is None:
            raise NotInstalled(f"{arguments[0]} needs {_EXTRAS[part]}, which is not installed here")


def die_with_parent() -> None:
    """Have Linux end this process if its parent is killed, so that nothing is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
