"""How a process of ours says an error, and how the process that started it hears it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from posebatch_shared.errors.advice import errors_by_code
from posebatch_shared.errors.base import PosebatchError, of_command

_MARK = "error: "


def say(error: PosebatchError | OSError) -> None:
    """What went wrong and what to do about it, on stderr."""
    known = of_command(error)
    print(f"{_MARK}{known}\n  {known.advice}", file=sys.stderr)  # noqa: T201


@contextmanager
def ended_with_words() -> Iterator[None]:
    """A whole process: errors of ours and of the system become one line and exit code 2, Ctrl-C,
    which may have waited for the imports, ends it without one."""
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # what has waited is raised
        yield
    except (PosebatchError, OSError) as error:
        say(error)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def heard(output: str) -> PosebatchError:
    """What was said last, as the error that it was where it was one of ours: by its advice."""
    known = {f"  {kind.advice}": kind for kind in errors_by_code().values()}
    advice = [line for line in output.splitlines() if line in known]
    return known[advice[-1]](last_error(output)) if advice else PosebatchError(last_error(output))


def last_error(output: str) -> str:
    """What was said last among the words of libraries; the last line where nothing was."""
    lines = output.strip().splitlines()
    said = [line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)]
    return (said or lines or ["without a word"])[-1]
