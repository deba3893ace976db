"""Label values: where work ran, and how many different ones a metric may have."""

from __future__ import annotations

OTHER = "other"


class Bounded:
    """Lets the first `most` different values pass and calls every later one `other`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        """The value, or `other`."""
        if value not in self._known and len(self._known) >= self._most:
            return OTHER
        self._known.add(value)
        return value


def origin(owner: str) -> tuple[str, str]:
    """Device and host of an owner or worker's name (gpu@host:pid:start); the pid would make a new
    series at each restart."""
    device, _, place = owner.partition("@")
    return device.partition("-")[0], place.partition(":")[0]
