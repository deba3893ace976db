"""The `posebatch` command: words on the command line turned into calls, errors into exit codes."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from posebatch_shared.errors import PosebatchError
from posebatch_shared.errors.printed import say

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def main() -> None:
    """Entry point. A PosebatchError becomes one line on stderr, a traceback only with --debug."""
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
    for stream in (sys.stdout, sys.stderr):  # a terminal of another encoding shows what it can
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        from posebatch_producer.commands import app  # Ctrl-C is likely meanwhile

        app()
    except (PosebatchError, OSError) as error:
        if debug:
            raise
        say(error)
        sys.exit(EXIT_USAGE)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
