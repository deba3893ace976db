"""What there is to say about a moment of a clip: phase, events, height and flight time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Self

#: For how long an event's name stays on the picture, from the moment of the event.
_EVENT_SECONDS = 0.2
_EVENT_NAMES = {
    "touchdown_seconds": "touch-down",
    "takeoff_seconds": "take-off",
    "landing_seconds": "landing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens at one instant."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Text that holds from `start_seconds` until `end_seconds`."""

    text: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """All texts of a clip, in order of time."""

    kind: str
    events: tuple[Event, ...]
    phases: tuple[Span, ...]
    results: tuple[Span, ...]  #: height and flight time, from each landing to the next take-off

    @classmethod
    def read(cls, analysis: Mapping[str, Any]) -> Self:
        """From the JSON form of an analysis; what is missing in it is not shown."""
        jumps = [jump for jump in analysis.get("jumps") or () if isinstance(jump, Mapping)]
        return cls(
            kind=str(analysis.get("kind") or ""),
            events=tuple(sorted(_events(jumps), key=lambda event: event.seconds)),
            phases=tuple(_phases(analysis.get("phases") or ())),
            results=tuple(_results(jumps)),
        )

    def lines(self, seconds: float) -> list[str]:
        """The lines of text for a moment, top to bottom."""
        holding = [s.text for s in (*self.phases, *self.results) if _holds(s, seconds)]
        return [f"{seconds:.3f} s", *([self.kind] if self.kind else []), *holding]

    def happening(self, seconds: float) -> str | None:
        """The name of the event of this moment, the latest if two are close."""
        names = [e.name for e in self.events if 0 <= seconds - e.seconds + 1e-6 < _EVENT_SECONDS]
        return names[-1] if names else None


def _events(jumps: list[Mapping[str, Any]]) -> Iterator[Event]:
    for jump in jumps:
        for key, name in _EVENT_NAMES.items():
            seconds = _number(jump, key)
            if seconds is not None:
                yield Event(name=name, seconds=seconds)


def _phases(phases: Any) -> Iterator[Span]:
    for phase in phases:
        start, end = _number(phase, "start_seconds"), _number(phase, "end_seconds")
        if start is not None and end is not None:
            name = str(phase.get("name") or "")
            yield Span(text=name, start_seconds=start, end_seconds=end)


def _results(jumps: list[Mapping[str, Any]]) -> Iterator[Span]:
    none: Mapping[str, Any] = {}
    for jump, following in zip_longest(jumps, jumps[1:], fillvalue=none):
        text, landing = _result(jump), _number(jump, "landing_seconds")
        until = _number(following, "takeoff_seconds")
        if text and landing is not None:
            end = float("inf") if until is None else until
            yield Span(text=text, start_seconds=landing, end_seconds=end)


def _result(jump: Mapping[str, Any]) -> str:
    height, flight = _number(jump, "jump_height_m"), _number(jump, "flight_time_seconds")
    parts = [] if height is None else [f"{100 * height:.1f} cm"]
    return ", ".join([*parts, *([] if flight is None else [f"{1000 * flight:.0f} ms in the air"])])


def _number(mapping: Any, key: str) -> float | None:
    value = mapping.get(key) if isinstance(mapping, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _holds(span: Span, seconds: float) -> bool:
    return span.start_seconds <= seconds < span.end_seconds
