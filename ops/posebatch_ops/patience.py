"""How often the ledger is looked at, and for how long what was seen counts as present."""

from __future__ import annotations

import time

#: After one slow look nobody stays blind for longer, unless asked to.
LONGEST_PAUSE_SECONDS = 60.0
#: A look that takes longer counts as one that got no answer.
PATIENCE_SECONDS = 60.0


def pause_seconds(took_seconds: float, *, at_least: float, share: float) -> float:
    """How long to wait after a look, so that about `share` of all time is spent looking."""
    return max(at_least, min(took_seconds / share - took_seconds, LONGEST_PAUSE_SECONDS))


class Patience:
    """Ends when a look has hung for too long: not every ledger that is down refuses."""

    def __init__(self) -> None:
        self.renew(0.0)

    def renew(self, pause_seconds: float) -> None:
        """One look has ended, the next begins after the pause."""
        self._ends_at_seconds = time.monotonic() + pause_seconds + PATIENCE_SECONDS

    @property
    def is_over(self) -> bool:
        """Whether the next look should long have ended."""
        return time.monotonic() > self._ends_at_seconds
