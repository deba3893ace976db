"""How the processes of a worker's pool hear that it is to stop: a file appears."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: Set by the main process, read by those of its pool.
STOP_FILE = "POSEBATCH_STOP_FILE"


@contextmanager
def stop_file(path: Path) -> Iterator[Callable[..., None]]:
    """What makes the file appear at `path`, which is gone at the end.

    Not in the folder for temporary files, which is cleared of what is some days old.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of one with this process id that was killed
    os.environ[STOP_FILE] = str(path)

    def announce(**_: object) -> None:
        path.touch()
        os.utime(path, (time.time(),) * 2)  # by our clock, also where another machine keeps it

    try:
        yield announce
    finally:
        path.unlink(missing_ok=True)
