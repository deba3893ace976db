"""A broker for tests of the keeper."""

from __future__ import annotations

from collections.abc import Sequence

from posebatch_shared.errors import BrokerUnavailable
from posebatch_shared.messages import TrackVideo


class Queues:
    """A broker in memory that can lose everything and be down."""

    def __init__(self) -> None:
        self.messages: list[TrackVideo] = []
        self.up = True

    def ring(self, messages: Sequence[TrackVideo]) -> int:
        self._check()
        self.messages += messages
        return len(messages)

    def depth(self, queue: str) -> int:
        self._check()
        return len([message for message in self.messages if message.queue == queue])

    def job_ids(self) -> list[int]:
        return [message.job_id for message in self.messages]

    def _check(self) -> None:
        if not self.up:
            raise BrokerUnavailable("down")
